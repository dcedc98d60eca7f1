package import FoundationEssentials
import HTTP
import NIOHTTP1
package import Production
package import ProviderCalling

/// An account that a person has just connected, with what has to be kept of it.
package struct ConnectedAccount: Sendable {
    /// YouTube's id of the channel that it uploads to, and the channel's name.
    package let remoteChannel: String
    package let title: String
    package let refreshToken: Secret
    package let access: AccessToken
    /// `GoogleScope`'s values, as far as they were allowed.
    package let scopes: Set<String>
}

/// Connects and disconnects accounts: OAuth for installed apps, over a loopback redirect.
package struct AccountConnection: Sendable {
    private let settings: YouTubeSettings
    private let line: ProviderLine
    private let authorization: GoogleAuthorization
    private let random: @Sendable (Int) -> [UInt8]

    /// How long a person may take to answer.
    package static let patience: Duration = .seconds(600)

    /// - Parameters:
    ///   - line: to the provider `youtube`.
    ///   - random: that many bytes nobody can guess.
    package init(
        _ settings: YouTubeSettings, over line: ProviderLine,
        now: @escaping @Sendable () -> Date = { Date() },
        random: @escaping @Sendable (Int) -> [UInt8] = { count in
            var generator = SystemRandomNumberGenerator()
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
    ) {
        (self.settings, self.line, self.random) = (settings, line.hiding([settings.client.secret]), random)
        authorization = GoogleAuthorization(settings.client, at: settings.endpoints, over: line, now: now)
    }

    /// Has a person allow the fleet to publish on their channel.
    ///
    /// - Parameters:
    ///   - patience: how long the person may take.
    ///   - show: tells the person which address to open in a browser on this machine (or on one whose port is forwarded here).
    /// - Throws: a permanent `StageFailure` that says what was missing: consent, a scope, a channel, time.
    package func connect(
        scopes: [GoogleScope] = GoogleScope.needed(), patience: Duration = AccountConnection.patience,
        show: @escaping @Sendable (String) async throws -> Void
    ) async throws -> ConnectedAccount {
        let asked = "connect an account"
        let listener = try await RedirectListener.bind()
        let request = ConsentRequest(
            of: settings.client, at: settings.endpoints, scopes: scopes, redirect: listener.redirect, random: random)
        let answer = try await within(patience, asked) {
            try await listener.answer(to: request) { try await show(request.url) }
        }
        guard case .code(let code) = answer else {
            guard case .refused(let word) = answer else { throw CancellationError() }
            throw line.failure(.permanent, asked: asked, answer: "Google answered \(word): nothing was connected")
        }
        let grant: GoogleAuthorization.Grant
        do {
            grant = try await authorization.exchange(
                code: code, verifier: request.verifier, redirect: request.redirect)
        } catch let revoked as GrantRevoked {
            throw line.failure(.permanent, asked: asked, answer: "\(revoked.reason); start again")
        }
        guard let refresh = grant.refresh else {
            throw line.failure(.permanent, asked: asked, answer: "Google gave no refresh token; start again")
        }
        let missing = scopes.map(\.rawValue).filter { !grant.scopes.contains($0) }
        guard missing.isEmpty else {
            try await authorization.revoke(refresh)
            throw line.failure(
                .permanent, asked: asked,
                answer:
                    "the consent leaves out \(missing.joined(separator: ", ")): start again and leave all boxes checked. "
                    + "What was allowed has been given back")
        }
        let channel = try await ownChannel(grant.access.token)
        return ConnectedAccount(
            remoteChannel: channel.id, title: channel.title, refreshToken: refresh, access: grant.access,
            scopes: grant.scopes)
    }

    /// Takes back at Google what an account has allowed. Afterwards its tokens have to be deleted here, and what was learned
    /// with them within seven days (Developer Policies, III.D.2.c).
    package func revoke(_ refreshToken: Secret) async throws { try await authorization.revoke(refreshToken) }

    private func ownChannel(_ token: Secret) async throws -> (id: String, title: String) {
        let asked = "learn which channel the account has"
        let query = WebForm.encode([("part", "id,snippet"), ("mine", "true")])
        let line = line.hiding([token])
        let reply = try await line.send(
            HTTPCall(
                .GET, "\(settings.endpoints.api)/youtube/v3/channels?\(query)",
                headers: ["Authorization": "Bearer \(token.value)"]), asked: asked)
        guard reply.isSuccess else {
            let trouble = YouTubeTrouble(reply)
            throw line.failure(.permanent, asked: asked, answer: trouble.words + trouble.advice)
        }
        let page = try? JSONDecoder().decode(ListPage<ChannelResource>.self, from: Data(reply.body))
        guard let channel = page?.items?.first, let id = channel.id else {
            throw line.failure(
                .permanent, asked: asked,
                answer: "the Google account has no YouTube channel: make one on youtube.com, then start again")
        }
        return (id, channel.snippet?.title ?? id)
    }

    private func within<Value: Sendable>(
        _ patience: Duration, _ asked: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let late = line.failure(.permanent, asked: asked, answer: "no answer came from the browser within \(patience)")
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: patience)
                throw late
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
