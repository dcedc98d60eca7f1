import CXML2

/// Makes a feed fit for an XML parser: without declaration, document type and control characters, with HTML's named
/// entities and stray ampersands made legal. The parser thus never meets an entity of the document's own.
struct XMLPrelude {
    private let bytes: [UInt8]
    private var index = 0
    private var output: [UInt8] = []
    /// Plain values of the document's own entities, by name.
    private var entities: [String: String] = [:]

    /// `nil` stands for a document that defines entities by other entities, or by files.
    static func prepared(_ bytes: [UInt8]) -> [UInt8]? {
        var prelude = XMLPrelude(bytes)
        return prelude.run() ? prelude.output : nil
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        output.reserveCapacity(bytes.count)
    }

    private mutating func run() -> Bool {
        index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "<") {
                guard markup() else { return false }
            } else if byte == UInt8(ascii: "&") {
                reference()
            } else {
                copy(to: index + 1)
            }
        }
        return true
    }

    /// Scripts that write feeds put warnings and blank lines before them.
    private var start: Int {
        let head = bytes.prefix(4096)
        let openings = ["<?xml", "<!DOCTYPE", "<!doctype", "<rss", "<feed", "<rdf:RDF"]
        let found = openings.compactMap { head.firstRange(of: Array($0.utf8))?.lowerBound }.min()
        if let found { return found }
        return bytes.firstIndex(of: UInt8(ascii: "<")) ?? 0
    }

    private mutating func markup() -> Bool {
        if starts("<![CDATA[") {
            copy(to: end(of: "]]>"))
        } else if starts("<!--") {
            index = end(of: "-->")
        } else if starts("<?") {
            index = end(of: "?>")
        } else if starts("<!DOCTYPE") || starts("<!doctype") {
            return documentType()
        } else {
            copy(to: index + 1)
        }
        return true
    }

    private mutating func documentType() -> Bool {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ">") where depth <= 0:
                index += 1
                return true
            case UInt8(ascii: "<") where starts("<!ENTITY"):
                guard entity() else { return false }
                continue
            case UInt8(ascii: "<") where starts("<!--"):
                index = end(of: "-->")
                continue
            default: break
            }
            index += 1
        }
        return true
    }

    /// `<!ENTITY name "value">`
    private mutating func entity() -> Bool {
        let limit = end(of: ">")
        let parts = bytes[(index + 8)..<max(index + 8, limit - 1)]
        index = limit
        let words = parts.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 <= 0x20 }
        guard words.count == 2, let quote = words[1].first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let closing = words[1].dropFirst().firstIndex(of: quote)
        else { return false }  // a parameter entity, or one that is in a file
        let value = words[1][(words[1].startIndex + 1)..<closing]
        if value.count > 256 { return false }
        let text = String(decoding: value, as: UTF8.self)
        if text.hasPrefix("&#"), text.hasSuffix(";"), let scalar = Self.scalar(ofNumeric: text.dropFirst(2).dropLast())
        {
            entities[String(decoding: words[0], as: UTF8.self)] = String(scalar)
            return true
        }
        guard !value.contains(UInt8(ascii: "&")), !value.contains(UInt8(ascii: "%")), !value.contains(UInt8(ascii: "<"))
        else { return false }
        entities[String(decoding: words[0], as: UTF8.self)] = text
        return true
    }

    private mutating func reference() {
        let window = bytes[(index + 1)..<min(index + 33, bytes.count)]
        guard let semicolon = window.firstIndex(of: UInt8(ascii: ";")), semicolon > index + 1 else {
            return ampersand()
        }
        let name = String(decoding: bytes[(index + 1)..<semicolon], as: UTF8.self)
        if name.first == "#" {
            if Self.scalar(ofNumeric: name.dropFirst()) != nil { return copy(to: semicolon + 1) }
            if name.dropFirst().utf8.allSatisfy({ $0 != 0x20 && $0 != UInt8(ascii: "<") }) {
                index = semicolon + 1
            } else {
                ampersand()
            }
        } else if ["amp", "lt", "gt", "quot", "apos"].contains(name) {
            copy(to: semicolon + 1)
        } else if let value = entities[name] ?? HTMLEntity.character(named: name).map(String.init) {
            output += value.utf8
            index = semicolon + 1
        } else {
            ampersand()
        }
    }

    /// A lone `&` stands for itself.
    private mutating func ampersand() {
        output += "&amp;".utf8
        index += 1
    }

    /// Only characters that XML allows.
    private static func scalar(ofNumeric digits: Substring) -> Unicode.Scalar? {
        let isHex = digits.first == "x" || digits.first == "X"
        guard let value = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10),
            value >= 0x20 || [9, 10, 13].contains(value), value != 0xFFFE, value != 0xFFFF
        else { return nil }
        return Unicode.Scalar(value)
    }

    private mutating func copy(to end: Int) {
        for byte in bytes[index..<end] where byte >= 0x20 || byte == 9 || byte == 10 || byte == 13 {
            output.append(byte)
        }
        index = end
    }

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            bytes.count - index >= text.count && bytes[index..<(index + text.count)].elementsEqual(text)
        }
    }

    /// Behind the next occurrence, or the end of the document.
    private func end(of text: String) -> Int {
        bytes[index...].firstRange(of: Array(text.utf8))?.upperBound ?? bytes.count
    }
}
