package import FoundationEssentials
import HTTP
import NIOHTTP1
package import Production
package import ProviderCalling

/// Google's token endpoint: gives tokens for a person's consent, new ones for a refresh token, and takes them back.
package struct GoogleAuthorization: Sendable {
    private let client: GoogleClient
    private let endpoints: GoogleEndpoints
    private let line: ProviderLine
    private let now: @Sendable () -> Date

    package init(
        _ client: GoogleClient, at endpoints: GoogleEndpoints, over line: ProviderLine,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.client, self.endpoints, self.now) = (client, endpoints, now)
        self.line = line.hiding([client.secret])
    }

    /// What the token endpoint gives.
    package struct Grant: Sendable {
        package let access: AccessToken
        /// Nil: the old one goes on.
        package let refresh: Secret?
        /// What the person allowed, which may be less than was asked for.
        package let scopes: Set<String>
    }

    /// A new access token. A refresh token works only with the client that it was given to.
    ///
    /// - Throws: `GrantRevoked`; a transient `StageFailure` where Google can't at the moment; a permanent one where the client's
    ///   id or secret is wrong.
    package func refresh(_ token: Secret) async throws -> Grant {
        try await ask(
            [("grant_type", "refresh_token"), ("refresh_token", token.value)], hiding: [token],
            asked: "refresh the account's access token")
    }

    /// The tokens for a code that Google sent to `redirect` after a person's consent.
    package func exchange(code: Secret, verifier: Secret, redirect: String) async throws -> Grant {
        try await ask(
            [
                ("grant_type", "authorization_code"), ("code", code.value), ("code_verifier", verifier.value),
                ("redirect_uri", redirect),
            ], hiding: [code, verifier], asked: "exchange the code of the consent for tokens")
    }

    /// Takes back everything that was allowed with a token. One that is unknown or revoked already is as good.
    package func revoke(_ token: Secret) async throws {
        let asked = "revoke the account's tokens"
        let line = line.hiding([token])
        let reply = try await line.send(
            HTTPCall(
                .POST, endpoints.revocation, headers: WebForm.headers,
                body: .bytes(Array(WebForm.encode([("token", token.value)]).utf8))), asked: asked)
        guard !reply.isSuccess else { return }
        let trouble = Trouble(reply)
        if reply.status == 400, trouble.error == "invalid_token" { return }
        throw failure(trouble, reply, line, asked)
    }

    private func ask(_ fields: [(String, String)], hiding secrets: [Secret], asked: String) async throws -> Grant {
        let all = fields + [("client_id", client.id), ("client_secret", client.secret.value)]
        let line = line.hiding(secrets)
        let asking = now()
        let reply = try await line.send(
            HTTPCall(
                .POST, endpoints.token, headers: WebForm.headers, body: .bytes(Array(WebForm.encode(all).utf8)),
                headTimeout: .seconds(20), timeout: .seconds(30)), asked: asked)
        guard reply.isSuccess else {
            let trouble = Trouble(reply)
            if trouble.error == "invalid_grant" { throw GrantRevoked(reason: line.redacted(trouble.words)) }
            throw failure(trouble, reply, line, asked)
        }
        guard let answer = try? Self.decoder.decode(Answer.self, from: Data(reply.body)), !answer.accessToken.isEmpty,
            answer.tokenType.lowercased() == "bearer"
        else {
            // Not shown: it may hold a token.
            throw line.failure(
                .transient(), asked: asked, answer: "status \(reply.status), but no bearer token in the answer")
        }
        return Grant(
            access: AccessToken(
                token: Secret(answer.accessToken), expires: asking.addingTimeInterval(answer.expiresIn.seconds)),
            refresh: answer.refreshToken.map { Secret($0) },
            scopes: Set((answer.scope ?? "").split(separator: " ").map(String.init)))
    }

    private func failure(_ trouble: Trouble, _ reply: HTTPReply, _ line: ProviderLine, _ asked: String) -> StageFailure
    {
        let passing = ["internal_failure", "server_error", "temporarily_unavailable"]
        if [408, 429].contains(reply.status) || reply.status >= 500 || passing.contains(trouble.error) {
            return line.transient(reply, asked: asked, answer: trouble.words)
        }
        let hint =
            ["invalid_client", "unauthorized_client"].contains(trouble.error)
            ? "; check youtube.client-id and youtube.client-secret against Google Cloud's console" : ""
        return line.failure(.permanent, asked: asked, answer: trouble.words + hint)
    }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// RFC 6749, 5.1.
    private struct Answer: Decodable {
        var accessToken: String
        var tokenType: String
        var expiresIn: Seconds
        var refreshToken: String?
        var scope: String?
    }

    /// Google's own library takes a number or a string with one.
    private struct Seconds: Decodable {
        let seconds: Double

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                seconds = number
            } else if let number = Double(try container.decode(String.self)) {
                seconds = number
            } else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number of seconds")
            }
        }
    }

    /// RFC 6749, 5.2.
    private struct Trouble {
        private struct Body: Decodable {
            var error: String
            var errorDescription: String?
        }

        let error: String
        let words: String

        init(_ reply: HTTPReply) {
            if let body = try? GoogleAuthorization.decoder.decode(Body.self, from: Data(reply.body)) {
                error = body.error
                words = "\(reply.status) \(body.error)" + (body.errorDescription.map { ": \($0)" } ?? "")
            } else {
                (error, words) = ("", "\(reply.status) \(reply.excerpt())")
            }
        }
    }
}

/// A refresh token that works no more: only a person's new consent helps.
package struct GrantRevoked: Error, Sendable {
    /// Google's words, without secrets.
    package let reason: String
}
