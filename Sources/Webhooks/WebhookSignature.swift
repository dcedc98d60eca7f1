import Crypto
package import FoundationEssentials
package import Production

/// Proves to a receiver who has sent an event, and when: HMAC-SHA256, under the secret that both know, of the time of sending
/// in seconds since 1970, a full stop, and the body's bytes.
package struct WebhookSignature: Sendable, Equatable {
    package let timestamp: String
    /// `v1=` and 64 hexadecimal digits: the value of `Ytempire-Signature`.
    package let value: String

    package init(of body: [UInt8], at moment: Date, by secret: Secret) {
        timestamp = String(Int64(moment.timeIntervalSince1970))
        let key = SymmetricKey(data: Array(secret.value.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(timestamp).".utf8) + body, using: key)
        value = "v1=" + code.map { hexadecimal($0) }.joined()
    }
}
