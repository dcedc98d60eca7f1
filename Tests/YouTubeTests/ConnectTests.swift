import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Testing

@testable import YouTube

@Suite struct `Connecting an account` {
    /// A browser that goes where it is sent.
    private static func browse(_ address: String) async throws {
        _ = try await HTTPCaller().call(HTTPCall(.GET, address, redirects: 3))
    }

    @Test func `asks for the least, proves itself, and learns which channel it is`() async throws {
        try await Studio.open { studio in
            studio.peer.consenting(channel: "UC-anna")
            let connection = AccountConnection(studio.settings, over: studio.line, now: { studio.clock.now })
            let account = try await connection.connect { address in
                let query = WebForm.decode(String(address.drop { $0 != "?" }.dropFirst()))
                #expect(query["scope"] == [GoogleScope.upload, .read].map(\.rawValue).joined(separator: " "))
                try await Self.browse(address)
            }
            #expect(account.remoteChannel == "UC-anna" && account.title == "Peer")
            #expect(account.access.expires == studio.clock.now.addingTimeInterval(3_599))
            #expect(!"\(account)".contains("canary"))
            try await connection.revoke(account.refreshToken)
            #expect(studio.peer.revocations == [account.refreshToken.value])
            try await connection.revoke(account.refreshToken)
        }
    }

    @Test func `waits for its own answer among other requests`() async throws {
        try await Studio.open { studio in
            let connection = AccountConnection(studio.settings, over: studio.line)
            _ = try await connection.connect { address in
                let redirect = try #require(
                    WebForm.decode(String(address.drop { $0 != "?" }.dropFirst()))["redirect_uri"])
                let caller = try HTTPCaller()
                let icon = try await caller.call(HTTPCall(.GET, redirect + "favicon.ico"))
                let forged = try await caller.call(HTTPCall(.GET, redirect + "?state=guess&code=4%2Fevil"))
                let empty = try await caller.call(HTTPCall(.GET, redirect))
                let posted = try await caller.call(HTTPCall(.POST, redirect, body: .bytes([1])))
                #expect([icon, forged, empty, posted].map(\.status) == [404, 400, 400, 404])
                try await Self.browse(address)
            }
        }
    }

    @Test func `tells what was missing: consent, a scope, a channel, time`() async throws {
        try await Studio.open { studio in
            let connection = AccountConnection(studio.settings, over: studio.line)
            studio.peer.consenting(channel: "UC-anna", refusing: true)
            let refused = try await studio.failure { _ = try await connection.connect { try await Self.browse($0) } }
            #expect(refused.kind == .permanent && refused.answer.contains("access_denied"))
            studio.peer.consenting(channel: "UC-anna", leavingOut: [GoogleScope.upload.rawValue])
            let partial = try await studio.failure { _ = try await connection.connect { try await Self.browse($0) } }
            #expect(partial.answer.contains("youtube.upload") && studio.peer.revocations.count == 1)
            studio.peer.consenting(channel: nil)
            let homeless = try await studio.failure { _ = try await connection.connect { try await Self.browse($0) } }
            #expect(homeless.answer.contains("no YouTube channel"))
            let late = try await studio.failure {
                _ = try await connection.connect(patience: .milliseconds(20)) { _ in }
            }
            #expect(late.answer.contains("no answer came from the browser"))
        }
    }

    @Test func `a code is bound to its question, so a caught one is of no use`() async throws {
        try await Studio.open { studio in
            let authorization = GoogleAuthorization(
                studio.settings.client, at: studio.settings.endpoints, over: studio.line)
            let request = ConsentRequest(
                of: studio.settings.client, at: studio.settings.endpoints, scopes: [.read],
                redirect: "http://127.0.0.1:9/",
                random: { count in (0..<count).map { UInt8($0) } })
            #expect(request.verifier.value == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
            #expect(request.url.contains("code_challenge=6oZqdX5MOLq_qBJ8vppAnT4fk6AP8UiP9zX8-Rev_9A"))
            let reply = try await HTTPCaller().call(HTTPCall(.GET, request.url))
            let location = reply.headers.first(name: "Location") ?? ""
            let code = try #require(WebForm.decode(String(location.drop { $0 != "?" }.dropFirst()))["code"])
            await #expect(throws: GrantRevoked.self) {
                _ = try await authorization.exchange(
                    code: Secret(code), verifier: Secret("another-verifier-another-verifier-another-v"),
                    redirect: request.redirect)
            }
        }
    }

    @Test func `is more only where more is asked for`() {
        #expect(GoogleScope.needed() == [.upload, .read])
        #expect(GoogleScope.needed(playlists: true, captions: true) == [.upload, .read, .manage, .captions])
    }
}
