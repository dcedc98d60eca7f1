import CXML2
import Glibc
import Testing

/// A document as libxml2 reads it when it forgives nothing.
struct XMLTree {
    let name: String
    let attributes: [String: String]
    let text: String
    let children: [XMLTree]

    /// Throws where the text is not well-formed.
    init(_ text: String) throws {
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue)
        let document = try #require(xmlReadMemory(text, Int32(text.utf8.count), nil, nil, options))
        defer { xmlFreeDoc(document) }
        self.init(try #require(xmlDocGetRootElement(document)))
    }

    private init(_ node: xmlNodePtr) {
        let prefix = node.pointee.ns.flatMap { $0.pointee.prefix }.map { String(cString: $0) + ":" } ?? ""
        name = prefix + String(cString: node.pointee.name)
        var attributes: [String: String] = [:]
        var attribute = node.pointee.properties
        while let current = attribute {
            if let value = xmlNodeListGetString(node.pointee.doc, current.pointee.children, 1) {
                attributes[String(cString: current.pointee.name)] = String(cString: value)
                free(value)
            }
            attribute = current.pointee.next
        }
        self.attributes = attributes
        let content = xmlNodeGetContent(node)
        text = content.map { String(cString: $0) } ?? ""
        // libxml2's own `xmlFree` is a variable, which Swift 6 can't read safely; it points to free(3).
        free(content)
        var children: [XMLTree] = []
        var child = node.pointee.children
        while let current = child {
            if current.pointee.type == XML_ELEMENT_NODE { children.append(XMLTree(current)) }
            child = current.pointee.next
        }
        self.children = children
    }

    func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }

    /// The only child of that name.
    func one(_ name: String) throws -> XMLTree {
        let found = all(name)
        try #require(found.count == 1, "\(found.count) × \(name) in \(self.name)")
        return found[0]
    }
}
