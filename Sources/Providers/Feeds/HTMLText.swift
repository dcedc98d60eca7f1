import CXML2

/// Reads HTML as text: block elements end a paragraph, scripts and other machinery are left out.
struct HTMLText {
    private static let dropped: Set<String> = [
        "script", "style", "head", "template", "noscript", "iframe", "object", "embed", "svg", "math", "form", "button",
        "select", "textarea", "nav", "pre", "figcaption", "audio", "video", "canvas", "map", "rt", "rp", "footer",
    ]
    private static let blocks: Set<String> = [
        "p", "div", "section", "article", "main", "header", "aside", "ul", "ol", "dl", "dt", "dd", "table", "tr", "td",
        "th", "thead", "tbody", "blockquote", "figure", "hr", "address", "center", "details", "summary", "body", "html",
    ]
    private static let superscripts: [Character: Character] = [
        "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹", "-": "⁻",
        "+": "⁺", "−": "⁻",
    ]

    /// Paragraphs, headings, list items and pictures, in order.
    static func passages(of html: String) -> [Passage] {
        let found = walked(html)
        // Some feeds escape their HTML twice.
        guard found.contains(where: { hasBlockTags($0.text) }) else { return found }
        return found.flatMap { hasBlockTags($0.text) ? walked($0.text) : [$0] }
    }

    /// A title or name that may be HTML, as one line of text.
    static func line(_ text: String) -> String {
        guard isMarkup(text) else { return text.collapsingWhitespace() }
        return walked(text).compactMap { $0.kind.isPicture ? nil : $0.text }.joined(separator: " ")
    }

    /// Whether there is a tag or an entity in it.
    static func isMarkup(_ text: String) -> Bool {
        var rest = text.utf8[...]
        while let index = rest.firstIndex(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "&") }) {
            let next = rest[rest.index(after: index)...]
            guard let first = next.first else { return false }
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20)
            if rest[index] == UInt8(ascii: "<") {
                if isLetter || first == UInt8(ascii: "/") || first == UInt8(ascii: "!") { return true }
            } else if isLetter || first == UInt8(ascii: "#"), next.prefix(32).contains(UInt8(ascii: ";")) {
                return true
            }
            rest = next
        }
        return false
    }

    private static func hasBlockTags(_ text: String) -> Bool {
        text.contains("<")
            && ["<p>", "</p>", "<p ", "<br", "</a>", "<div", "</em>", "</strong>", "<img "].contains(
                where: text.contains)
    }

    private static func walked(_ html: String) -> [Passage] {
        let options =
            HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
            | HTML_PARSE_NONET.rawValue
        // A document of its own element: text alone is no document to libxml2.
        var bytes = Array("<div>\(html)</div>".utf8)
        bytes.removeAll { $0 < 0x20 && $0 != 9 && $0 != 10 && $0 != 13 }
        let document = bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                htmlReadMemory($0.baseAddress, Int32(clamping: $0.count), nil, "UTF-8", Int32(bitPattern: options))
            }
        }
        guard let document else { return [] }
        defer { xmlFreeDoc(document) }
        guard let root = xmlDocGetRootElement(document) else { return [] }
        var text = HTMLText()
        text.walk(from: root)
        return text.passages
    }

    private var passages: [Passage] = []
    private var line = ""
    private var kind = Passage.Kind.paragraph
    /// They follow the paragraph they stand in.
    private var pictures: [Passage] = []

    /// Without recursion, so that no nesting can use up the stack.
    private mutating func walk(from root: UnsafeMutablePointer<xmlNode>) {
        var current = root
        var isEntering = true
        while true {
            if isEntering, enter(current), let child = current.pointee.children {
                current = child
                continue
            }
            leave(current)
            if current == root { break }
            if let next = current.pointee.next {
                (current, isEntering) = (next, true)
            } else if let parent = current.pointee.parent {
                (current, isEntering) = (parent, false)
            } else {
                break
            }
        }
        flush()
    }

    /// Answers whether what is inside counts.
    private mutating func enter(_ node: UnsafeMutablePointer<xmlNode>) -> Bool {
        if node.pointee.type == XML_TEXT_NODE || node.pointee.type == XML_CDATA_SECTION_NODE {
            if let content = node.pointee.content { line += String(cString: content) }
            return false
        }
        guard node.pointee.type == XML_ELEMENT_NODE, let name = node.pointee.name.map({ String(cString: $0) }) else {
            return false
        }
        if Self.dropped.contains(name) || node.hasAttribute("hidden") { return false }
        switch name {
        case "img":
            if let target = node.attribute("src") {
                pictures.append(Passage(.picture(file: target), (node.attribute("alt") ?? "").collapsingWhitespace()))
            }
            return false
        case "br":
            lineBreak()
            return false
        case "sup":
            superscript(node)
            return false
        case "h1", "h2", "h3", "h4", "h5", "h6": begin(.heading)
        case "li": begin(.listItem)
        case _ where Self.blocks.contains(name): begin(kind == .listItem && name == "p" ? .listItem : .paragraph)
        default: break
        }
        return true
    }

    private mutating func leave(_ node: UnsafeMutablePointer<xmlNode>) {
        guard node.pointee.type == XML_ELEMENT_NODE, let name = node.pointee.name.map({ String(cString: $0) }) else {
            return
        }
        if Self.blocks.contains(name) || name == "li" || (name.count == 2 && name.first == "h" && name != "hr") {
            begin(.paragraph)
        }
    }

    private mutating func begin(_ next: Passage.Kind) {
        flush()
        kind = next
    }

    /// Two in a row end a paragraph, one is a space.
    private mutating func lineBreak() {
        if line.last(where: { $0 == "\u{2028}" || !$0.isWhitespace }) == "\u{2028}" {
            begin(.paragraph)
        } else {
            line += "\u{2028}"
        }
    }

    /// Powers stay, marks of notes go.
    private mutating func superscript(_ node: UnsafeMutablePointer<xmlNode>) {
        guard let child = node.pointee.children, child.pointee.next == nil, child.pointee.type == XML_TEXT_NODE,
            let content = child.pointee.content
        else { return }
        let text = String(cString: content).trimmingWhitespace()
        if text.allSatisfy({ Self.superscripts[$0] != nil }) {
            // After a word it marks a note; after a number or a unit it is a power.
            let before = line.reversed().prefix { $0.isLetter || $0.isNumber }
            if before.count <= 3 || before.allSatisfy(\.isNumber) {
                line += String(text.compactMap { Self.superscripts[$0] })
            }
        } else if text.count <= 2, text.allSatisfy(\.isLetter) {
            line += text
        }
    }

    private mutating func flush() {
        let text = line.collapsingWhitespace()
        if !text.isEmpty { passages.append(Passage(kind, text)) }
        passages += pictures
        (line, pictures) = ("", [])
    }
}

extension Passage.Kind {
    package var isPicture: Bool {
        if case .picture = self { true } else { false }
    }
}
