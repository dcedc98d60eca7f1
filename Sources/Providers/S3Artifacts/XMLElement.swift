/// An element of one of S3's answers: small documents without a document type, whose namespaces don't matter.
struct XMLElement: Equatable {
    /// Without a namespace's prefix.
    let name: String
    fileprivate(set) var children: [XMLElement] = []
    /// All text directly in the element, entities replaced, blanks at its ends left out.
    fileprivate(set) var text = ""
    /// The element as it is written.
    fileprivate(set) var source = ""

    /// The document's root; nil if it isn't well formed, or has a document type.
    init?(document: [UInt8]) {
        guard let text = String(validating: document, as: UTF8.self) else { return nil }
        var reader = XMLReader(text)
        guard let root = reader.document() else { return nil }
        self = root
    }

    fileprivate init(name: String) { self.name = name }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text of the first child of that name; nil if there is none.
    subscript(name: String) -> String? { children.first { $0.name == name }?.text }
}

private struct XMLReader {
    private let source: String
    private var rest: Substring
    /// Answers are flat; what is deeper is not one.
    private static let deepest = 32

    init(_ source: String) { (self.source, rest) = (source, source[...]) }

    mutating func document() -> XMLElement? {
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        guard skipMisc(), let root = element(depth: 0), skipMisc(), rest.isEmpty else { return nil }
        return root
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest.removeFirst(text.count)
        return true
    }

    /// What stands before `end`, which is passed too.
    private mutating func take(until end: String) -> Substring? {
        guard let range = rest.firstRange(of: end) else { return nil }
        defer { rest = rest[range.upperBound...] }
        return rest[..<range.lowerBound]
    }

    /// Blanks, comments and processing instructions.
    private mutating func skipMisc() -> Bool {
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if skip("<?") {
                guard take(until: "?>") != nil else { return false }
            } else if skip("<!--") {
                guard take(until: "-->") != nil else { return false }
            } else {
                return true
            }
        }
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth < Self.deepest else { return nil }
        let start = rest.startIndex
        guard skip("<"), let head = take(until: ">") else { return nil }
        let isEmpty = head.hasSuffix("/")
        guard let full = head.prefix(while: { $0 != "/" && !$0.isWhitespace }) as Substring?, !full.isEmpty,
            full.first != "!"
        else { return nil }
        var element = XMLElement(name: String(full.split(separator: ":").last ?? full))
        if !isEmpty {
            guard fill(&element, depth: depth) else { return nil }
            guard let tail = take(until: ">"), tail.trimmed == full else { return nil }
        }
        element.source = String(source[start..<rest.startIndex])
        element.text = String(element.text[...].trimmed)
        return element
    }

    /// Everything up to the end tag's name.
    private mutating func fill(_ element: inout XMLElement, depth: Int) -> Bool {
        while let next = rest.first {
            if next != "<" {
                let text = rest.prefix { $0 != "<" }
                rest = rest[text.endIndex...]
                guard let plain = Self.replacingEntities(text) else { return false }
                element.text += plain
            } else if skip("</") {
                return true
            } else if skip("<![CDATA[") {
                guard let text = take(until: "]]>") else { return false }
                element.text += text
            } else if rest.hasPrefix("<?") || rest.hasPrefix("<!--") {
                guard skipMisc() else { return false }
            } else {
                guard let child = self.element(depth: depth + 1) else { return false }
                element.children.append(child)
            }
        }
        return false
    }

    private static let entities: [Substring: Character] = [
        "lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'",
    ]

    private static func replacingEntities(_ text: Substring) -> String? {
        var (plain, rest) = ("", text)
        while let start = rest.firstIndex(of: "&") {
            plain += rest[..<start]
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ";") else { return nil }
            let name = rest[..<end]
            if let character = entities[name] {
                plain.append(character)
            } else {
                let isHex = name.hasPrefix("#x")
                guard name.hasPrefix("#"), let number = UInt32(name.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10),
                    let scalar = Unicode.Scalar(number)
                else { return nil }
                plain.unicodeScalars.append(scalar)
            }
            rest = rest[rest.index(after: end)...]
        }
        return plain + rest
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension String {
    /// As text of an element.
    var xmlEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
