import Crypto
import FoundationEssentials
import Production

/// A receiver of what happens in the fleet, such as an n8n workflow's webhook.
package struct WebhookTarget: Sendable, Equatable {
    /// May hold a password in its path.
    let url: Secret
    /// How it is known in Postgres and in logs: its host and a digest of the URL.
    package let name: String

    /// Nil if it is no web address.
    package init?(_ text: String) {
        guard let url = URL(string: text), let host = url.host(), !host.isEmpty,
            url.scheme == "https" || url.scheme == "http"
        else { return nil }
        self.url = Secret(text)
        let digest = SHA256.hash(data: Array(text.utf8)).prefix(4).map { hexadecimal($0) }.joined()
        name = "\(host)#\(digest)"
    }
}

/// Two digits.
func hexadecimal(_ byte: UInt8) -> String { String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
