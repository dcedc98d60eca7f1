import CXML2
import FoundationEssentials

/// A page of HTML where a feed was expected.
enum WebPage {
    /// The feed that the page names in `<link rel="alternate">`, absolute if the page's address is known.
    static func feedLink(in html: [UInt8], address: URL?) -> String? {
        let options =
            HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
            | HTML_PARSE_NONET.rawValue
        // The head is enough.
        let document = html.prefix(200_000).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                htmlReadMemory($0.baseAddress, Int32(clamping: $0.count), nil, "UTF-8", Int32(bitPattern: options))
            }
        }
        guard let document else { return nil }
        defer { xmlFreeDoc(document) }
        guard let root = xmlDocGetRootElement(document) else { return nil }
        var stack = [root]
        while let node = stack.popLast() {
            if node.pointee.name.map({ String(cString: $0) }) == "link",
                node.attribute("rel")?.lowercased().contains("alternate") == true,
                let type = node.attribute("type")?.lowercased(), type.contains("rss") || type.contains("atom"),
                let target = node.attribute("href")
            {
                return URL(string: target, relativeTo: address)?.absoluteString ?? target
            }
            var children: [UnsafeMutablePointer<xmlNode>] = []
            var next = node.pointee.children
            while let child = next {
                if child.pointee.type == XML_ELEMENT_NODE { children.append(child) }
                next = child.pointee.next
            }
            stack += children.reversed()
        }
        return nil
    }
}
