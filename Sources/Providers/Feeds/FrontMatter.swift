/// The `key: value` lines between two `---` on top of a Markdown text. Only plain values are read; lists and nested
/// values are tolerated and passed over.
struct FrontMatter {
    private(set) var values: [String: String] = [:]
    /// The text below.
    private(set) var rest: Substring

    init(_ text: String) {
        rest = text[...]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.first?.trimmingWhitespace() == "---",
            let end = lines.dropFirst().prefix(200).firstIndex(where: {
                ["---", "..."].contains($0.trimmingWhitespace())
            })
        else { return }
        for line in lines[1..<end] {
            guard let colon = line.firstIndex(of: ":"), line.first?.isWhitespace == false, line.first != "#" else {
                continue
            }
            let value = Self.unquoted(line[line.index(after: colon)...].trimmingWhitespace())
            let key = line[..<colon].trimmingWhitespace().lowercased()
            if !value.isEmpty, values[key] == nil { values[key] = value }
        }
        rest = end + 1 < lines.endIndex ? text[lines[end + 1].startIndex...] : ""
    }

    subscript(_ keys: String...) -> String? { keys.lazy.compactMap { values[$0] }.first }

    private static func unquoted(_ value: String) -> String {
        guard let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote else {
            return value.firstRange(of: " #").map { value[..<$0.lowerBound].trimmingWhitespace() } ?? value
        }
        let inner = String(value.dropFirst().dropLast())
        return quote == "'" ? inner.replacing("''", with: "'") : inner.replacing("\\\"", with: "\"")
    }
}
