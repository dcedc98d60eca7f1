/// Takes secrets out of texts that a person or a log will see: providers quote keys back, and proxies quote whole requests.
package struct Redactor: Sendable {
    private let secrets: [String]

    /// - Parameter secrets: what must not be seen; those shorter than eight characters are passed over, since they would take
    ///   ordinary words with them.
    package init(_ secrets: [String]) {
        self.secrets = Set(secrets).filter { $0.utf8.count >= 8 }.sorted { ($1.count, $0) < ($0.count, $1) }
    }

    package func adding(_ more: [String]) -> Redactor { Redactor(secrets + more) }

    /// The text with every secret, and every run of at least twelve characters from the beginning or the end of one, replaced by
    /// `[redacted]`.
    package func callAsFunction(_ text: String) -> String {
        var text = text
        for secret in secrets {
            text = text.replacing(secret, with: "[redacted]")
            guard secret.count > 16 else { continue }
            // Shortened in the middle, as OpenAI does: the ends alone still tell too much.
            for part in [secret.prefix(12), secret.suffix(12)] { text = text.replacing(part, with: "[redacted]") }
        }
        return text
    }
}
