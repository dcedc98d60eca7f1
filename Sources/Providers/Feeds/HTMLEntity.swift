import CXML2

/// HTML's named characters, as libxml2 knows them.
enum HTMLEntity {
    static func character(named name: String) -> Unicode.Scalar? {
        guard let entry = htmlEntityLookup(name) else { return nil }
        return Unicode.Scalar(entry.pointee.value)
    }

    /// The text with its `&name;` and `&#number;` resolved, once.
    static func decoded(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...]
            let window = rest.prefix(33)
            guard let end = window.firstIndex(of: ";"),
                let scalar = scalar(of: rest[rest.index(after: start)..<end])
            else {
                result.append("&")
                rest = rest.dropFirst()
                continue
            }
            result.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func scalar(of name: Substring) -> Unicode.Scalar? {
        guard name.first == "#" else { return name == "apos" ? "'" : character(named: String(name)) }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        return UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10).flatMap(Unicode.Scalar.init)
    }
}
