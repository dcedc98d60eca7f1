import Crypto
import FoundationEssentials
import Production

/// A question to a person, as an address for a browser: what the fleet may do on their channel. With PKCE (RFC 7636, S256), so
/// that a code which somebody else catches is of no use to them.
struct ConsentRequest: Sendable {
    let redirect: String
    /// Comes back with the answer, and shows that it is an answer to this.
    let state: String
    let verifier: Secret
    let url: String

    /// - Parameter random: that many bytes nobody can guess.
    init(
        of client: GoogleClient, at endpoints: GoogleEndpoints, scopes: [GoogleScope], redirect: String,
        random: (Int) -> [UInt8]
    ) {
        self.redirect = redirect
        state = Self.base64URL(random(24))
        // 43 characters, the least that RFC 7636 allows, from 32 bytes, as many as it recommends.
        let verifier = Self.base64URL(random(32))
        self.verifier = Secret(verifier)
        let challenge = Self.base64URL(Array(SHA256.hash(data: Data(verifier.utf8))))
        url =
            endpoints.authorization + "?"
            + WebForm.encode([
                ("client_id", client.id), ("redirect_uri", redirect), ("response_type", "code"),
                ("scope", scopes.map(\.rawValue).joined(separator: " ")), ("state", state),
                ("code_challenge", challenge), ("code_challenge_method", "S256"),
                // Only then is there a refresh token, a second time too.
                ("access_type", "offline"), ("prompt", "consent"),
            ])
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
