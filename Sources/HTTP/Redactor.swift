/// Takes secrets out of texts that a person or a log will see: providers quote keys back, and proxies quote whole requests.
package struct Redactor: Sendable {
    private let given: [String]
    /// In every form, the longest first.
    private let secrets: [String]

    /// - Parameter secrets: what must not be seen; those shorter than eight characters are passed over, since they would take
    ///   ordinary words with them.
    package init(_ secrets: [String]) {
        given = secrets
        let forms = secrets.flatMap { [$0] + Self.written($0) }
        self.secrets = Set(forms).filter { $0.utf8.count >= 8 }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    package func adding(_ more: [String]) -> Redactor { Redactor(given + more) }

    /// The text with every secret, and every run of at least twelve characters from the beginning or up to the end of one,
    /// replaced by `[redacted]`.
    package func callAsFunction(_ text: String) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "[redacted]") }
        for secret in secrets where secret.count > 16 {
            // Shortened in the middle, as OpenAI does, or cut off: the ends alone still tell too much.
            text = Self.replacing(beginning: Array(secret), in: text)
            text = String(
                Self.replacing(beginning: secret.reversed(), in: String(text.reversed()), isReversed: true).reversed())
        }
        return text
    }

    /// The longest run from each place where a secret begins, as far as the text goes on as the secret does.
    private static func replacing(beginning secret: [Character], in text: String, isReversed: Bool = false) -> String {
        let head = String(secret.prefix(12))
        var (result, rest) = ("", text[...])
        while let found = rest.firstRange(of: head) {
            result += rest[..<found.lowerBound] + (isReversed ? "]detcader[" : "[redacted]")
            var end = found.upperBound
            for character in secret.dropFirst(12) {
                guard end < rest.endIndex, rest[end] == character else { break }
                end = rest.index(after: end)
            }
            rest = rest[end...]
        }
        return result + rest
    }

    /// How servers write a text in an address, a form or JSON, where that differs from the text itself.
    private static func written(_ text: String) -> [String] {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        func encoded(keeping more: String, digits: [Character]) -> String {
            text.utf8.map { byte in
                unreserved.contains(byte) || more.utf8.contains(byte)
                    ? String(decoding: [byte], as: UTF8.self)
                    : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }.joined()
        }
        let digits = (Array("0123456789ABCDEF"), Array("0123456789abcdef"))
        let forms = [
            encoded(keeping: "", digits: digits.0), encoded(keeping: "", digits: digits.1),
            encoded(keeping: "/", digits: digits.0), encoded(keeping: "/", digits: digits.1),
            text.replacing("/", with: "\\/"),
        ]
        return forms.filter { $0 != text }
    }
}
