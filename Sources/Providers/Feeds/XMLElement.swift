import CXML2

/// An element of a parsed document. Only valid while `XMLElement.withRoot` lends it.
struct XMLElement {
    /// The vocabularies that feeds mix.
    enum Vocabulary {
        /// None, or one of RSS' own.
        case plain
        case atom, content, dublinCore, other
    }

    private let node: UnsafeMutablePointer<xmlNode>

    /// Parses in recovery mode, without network, and without the option that lifts libxml2's own limits on depth and
    /// size. Nil when there is no element at all.
    static func withRoot<Result>(of bytes: [UInt8], _ body: (XMLElement) throws -> Result) rethrows -> Result? {
        let options =
            XML_PARSE_RECOVER.rawValue | XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue
            | XML_PARSE_NOWARNING.rawValue
        let document = bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                xmlReadMemory($0.baseAddress, Int32(clamping: $0.count), nil, "UTF-8", Int32(bitPattern: options))
            }
        }
        guard let document else { return nil }
        defer { xmlFreeDoc(document) }
        guard let root = xmlDocGetRootElement(document) else { return nil }
        return try body(XMLElement(node: root))
    }

    /// Without prefix.
    var name: String {
        let name = String(cString: node.pointee.name)
        guard node.pointee.ns == nil, let colon = name.firstIndex(of: ":") else { return name }
        return String(name[name.index(after: colon)...])
    }

    var vocabulary: Vocabulary {
        guard let namespace = node.pointee.ns?.pointee.href else {
            // A prefix that is declared nowhere means what it usually means.
            let name = String(cString: node.pointee.name)
            guard let colon = name.firstIndex(of: ":") else { return .plain }
            switch name[..<colon] {
            case "content": return .content
            case "dc": return .dublinCore
            case "atom", "a10": return .atom
            default: return .other
            }
        }
        switch String(cString: namespace) {
        case "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#": return .atom
        case "http://purl.org/rss/1.0/modules/content/": return .content
        case "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/": return .dublinCore
        case "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/",
            "http://channel.netscape.com/rdf/simple/0.9/",
            "http://backend.userland.com/rss2", "http://backend.userland.com/rss",
            "http://blogs.law.harvard.edu/tech/rss":
            return .plain
        default: return .other
        }
    }

    var children: [XMLElement] {
        var (all, next): ([XMLElement], UnsafeMutablePointer<xmlNode>?) = ([], node.pointee.children)
        while let child = next {
            if child.pointee.type == XML_ELEMENT_NODE { all.append(XMLElement(node: child)) }
            next = child.pointee.next
        }
        return all
    }

    var parent: XMLElement? {
        guard let parent = node.pointee.parent, parent.pointee.type == XML_ELEMENT_NODE else { return nil }
        return XMLElement(node: parent)
    }

    func children(_ name: String, _ vocabulary: Vocabulary) -> [XMLElement] {
        children.filter { $0.name == name && $0.vocabulary == vocabulary }
    }

    /// The trimmed text of the first such child that has any.
    func text(_ name: String, _ vocabulary: Vocabulary) -> String? {
        children(name, vocabulary).lazy.compactMap { $0.text.nonBlank }.first
    }

    /// By local name, whatever its prefix.
    func attribute(_ name: String) -> String? { node.attribute(name) }

    /// All text below, as it stands. Walks without recursion, so depth costs no stack.
    var text: String {
        var (text, next) = ("", node.pointee.children)
        while let current = next {
            let type = current.pointee.type
            if type == XML_TEXT_NODE || type == XML_CDATA_SECTION_NODE, let content = current.pointee.content {
                text += String(cString: content)
            }
            next = (type == XML_ELEMENT_NODE ? current.pointee.children : nil) ?? following(current)
        }
        return text
    }

    private func following(_ start: UnsafeMutablePointer<xmlNode>) -> UnsafeMutablePointer<xmlNode>? {
        var current = start
        while current.pointee.next == nil {
            guard let parent = current.pointee.parent, parent != node else { return nil }
            current = parent
        }
        return current.pointee.next
    }

    /// What is inside, as markup (Atom's `xhtml`).
    var innerMarkup: String {
        guard let buffer = xmlBufferCreate() else { return text }
        defer { xmlBufferFree(buffer) }
        var next = node.pointee.children
        while let child = next {
            xmlNodeDump(buffer, node.pointee.doc, child, 0, 0)
            next = child.pointee.next
        }
        guard let content = xmlBufferContent(buffer) else { return "" }
        return String(cString: content)
    }
}
