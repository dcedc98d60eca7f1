/// Writes XML 1.0 line by line. Whatever text it is given, the document stays well-formed.
struct XMLWriter {
    private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    typealias Attributes = [(name: String, value: String)]

    mutating func open(_ name: String, _ attributes: Attributes = []) {
        line("<\(name)\(Self.spelled(attributes))>")
        depth += 1
    }

    mutating func close(_ name: String) {
        depth -= 1
        line("</\(name)>")
    }

    mutating func element(_ name: String, _ content: String, _ attributes: Attributes = []) {
        line("<\(name)\(Self.spelled(attributes))>\(Self.escaped(content))</\(name)>")
    }

    mutating func empty(_ name: String, _ attributes: Attributes) {
        line("<\(name)\(Self.spelled(attributes))/>")
    }

    /// Text on one line: for titles.
    static func line(_ text: String) -> String {
        text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    }

    /// Plain text as the HTML that feed readers take an RSS `description` for. Still to be escaped as XML.
    static func html(_ text: String) -> String {
        escaped(text).split(omittingEmptySubsequences: false) { $0.isNewline }.joined(separator: "<br/>")
    }

    private mutating func line(_ content: String) {
        text += String(repeating: "  ", count: depth) + content + "\n"
    }

    private static func spelled(_ attributes: Attributes) -> String {
        attributes.map { " \($0.name)=\"\(escaped($0.value))\"" }.joined()
    }

    /// Markup escaped, and characters left out that XML 1.0 (section 2.2) allows in no form.
    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "\t", "\n": result.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
