import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Testing

@testable import YouTube

private let isOpening: @Sendable (HTTPRequestHead) -> Bool = {
    $0.method == .POST && $0.uri.contains("uploadType=resumable")
}

@Suite struct `Accounts and quotas` {
    @Test func `the least used account is chosen, and the chosen one stays`() async throws {
        try await Studio.open { studio in
            await studio.accounts.connect(
                1, name: "first", for: [.init(3)], refreshToken: Secret(Studio.refreshToken), usedToday: 5)
            studio.peer.grant("1//canary-second", channel: "UC-peer", scopes: Studio.readAndWrite)
            await studio.accounts.connect(
                2, name: "second", for: [.init(3)], refreshToken: Secret("1//canary-second"), usedToday: 2)
            let publication = try studio.publication()
            studio.peer.server.fail(.reply(PeerReply(500)), where: isOpening)
            _ = try await studio.failure { _ = try await studio.publish(publication) }
            let chosen = await studio.log.account
            #expect(chosen == .init(2))
            await studio.accounts.connect(
                2, name: "second", for: [.init(3)], refreshToken: Secret("1//canary-second"), usedToday: 9)
            _ = try await studio.comeBack(publication)
            let writes = await studio.log.writes
            #expect(writes.prefix(2) == ["choose 2", "choose 2"])
        }
    }

    @Test func `a channel's own limit parks its account for a day, and another account goes on`() async throws {
        try await Studio.open { studio in
            studio.peer.grant("1//canary-second", channel: "UC-peer", scopes: Studio.readAndWrite)
            await studio.accounts.connect(
                2, name: "second", for: [.init(3)], refreshToken: Secret("1//canary-second"), usedToday: 2)
            let publication = try studio.publication()
            let limit = PeerRefusal(
                400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload."
            ).reply
            studio.peer.server.fail(.reply(limit), where: isOpening)
            _ = try await studio.publish(publication)
            let accounts = await studio.accounts.accounts(for: .init(3))
            #expect(accounts.first?.parked?.until == studio.clock.now.addingTimeInterval(86_400))
            #expect(accounts.last?.parked == nil && studio.peer.videos.count == 1)
        }
    }

    @Test func `with every account at its limit a job waits for the first to be free`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            let limit = PeerRefusal(400, "uploadLimitExceeded", "Too many.").reply
            studio.peer.server.fail(.reply(limit), where: isOpening)
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .limited(until: studio.clock.now.addingTimeInterval(86_400)))
            let next = try await studio.failure { _ = try await studio.comeBack(publication) }
            #expect(next.kind == failure.kind && studio.peer.inserts == 0)
            studio.clock.advance(86_401)
            _ = try await studio.comeBack(publication)
            #expect(studio.peer.videos.count == 1)
        }
    }

    @Test(arguments: [
        PeerRefusal(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota."),
        PeerRefusal(403, "dailyLimitExceeded", "Daily Limit Exceeded"),
        PeerRefusal(
            429, "rateLimitExceeded",
            "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service 'youtube.googleapis.com'"
        ),
    ]) func `the project's day is over until midnight in Los Angeles, for every job`(_ refusal: PeerRefusal)
        async throws
    {
        try await Studio.open { studio in
            let publication = try studio.publication()
            studio.peer.server.fail(.reply(refusal.reply), where: isOpening)
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            let midnight = MemoryQuotas.nextMidnight(after: studio.clock.now)
            #expect(failure.kind == .limited(until: midnight))
            let next = try await studio.failure { _ = try await studio.comeBack(publication) }
            #expect(
                next.kind == .limited(until: midnight) && studio.peer.server.requests.count { isOpening($0.head) } == 1)
            let accounts = await studio.accounts.accounts(for: .init(3))
            #expect(accounts.first?.parked == nil, "no account is at fault")
        }
    }

    @Test(arguments: [
        PeerRefusal(403, "rateLimitExceeded", "Slow down"), PeerRefusal(403, "userRateLimitExceeded", "Slow down"),
        PeerRefusal(429, "rateLimitExceeded", "Queries per minute"), PeerRefusal(503, "backendError", "Backend"),
    ]) func `a short limit and a server's error are tried again soon`(_ refusal: PeerRefusal) async throws {
        try await Studio.open { studio in
            var reply = refusal.reply
            reply.headers.add(name: "Retry-After", value: "7")
            studio.peer.server.fail(.reply(reply), where: isOpening)
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .transient(retryAfter: .seconds(7)))
            _ = try await studio.comeBack(publication)
            #expect(studio.peer.videos.count == 1)
        }
    }

    @Test func `our own count closes the day before YouTube does`() async throws {
        try await Studio.open { studio in
            for _ in 0..<100 { try await studio.quotas.take(1, of: studio.settings.uploads, for: "youtube") }
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .limited(until: MemoryQuotas.nextMidnight(after: studio.clock.now)))
            #expect(studio.peer.inserts == 0 && studio.settings.uploads.owner == "123456789012")
        }
    }

    @Test(arguments: [
        // Winter, summer, the day that has 23 hours, the day that has 25.
        ("2026-01-10T07:59:59Z", "2026-01-10T08:00:00Z"), ("2026-07-10T07:00:00Z", "2026-07-11T07:00:00Z"),
        ("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z"), ("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z"),
    ]) func `a day of YouTube's ends at midnight in Los Angeles in every season`(_ now: String, _ midnight: String)
        throws
    {
        let (moment, next) = (try Date(now, strategy: .iso8601), try Date(midnight, strategy: .iso8601))
        #expect(MemoryQuotas.nextMidnight(after: moment) == next)
    }

    @Test(arguments: ["authenticatedUserAccountSuspended", "channelClosed"])
    func `a suspended account is parked, and no other is tried in its place`(_ reason: String) async throws {
        try await Studio.open { studio in
            studio.peer.grant("1//canary-second", channel: "UC-peer", scopes: Studio.readAndWrite)
            await studio.accounts.connect(
                2, name: "second", for: [.init(3)], refreshToken: Secret("1//canary-second"), usedToday: 2)
            studio.peer.server.fail(.reply(PeerRefusal(403, reason, "Suspended.").reply), where: isOpening)
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent && failure.answer.contains(reason) && studio.peer.inserts == 0)
            let accounts = await studio.accounts.accounts(for: .init(3))
            #expect(accounts.map { $0.parked?.until } == [nil, nil] && accounts.first?.parked != nil)
        }
    }

    @Test func `a channel without an account says how to connect one`() async throws {
        try await Studio.open { studio in
            await studio.accounts.connect(1, name: "first", for: [], refreshToken: Secret(Studio.refreshToken))
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent && failure.answer.contains("ytempire account connect"))
        }
    }

    @Test func `a revoked consent parks the account and says how to reconnect`() async throws {
        try await Studio.open { studio in
            studio.peer.revokeGrant(Studio.refreshToken)
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent && failure.answer.contains("ytempire account connect"))
            #expect(failure.answer.contains("Token has been expired or revoked."))
            let parked = await studio.accounts.accounts(for: .init(3)).first?.parked
            #expect(parked?.until == nil && parked?.reason.contains("invalid_grant") == true)
            let next = try await studio.failure { _ = try await studio.comeBack(publication) }
            #expect(next.kind == .permanent)
        }
    }

    @Test func `a token that was refused is refreshed once`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            _ = try await studio.accounts.accessToken(of: .init(1), rejecting: nil) { _ in
                (
                    AccessToken(
                        token: Secret("ya29.canary-stale"), expires: studio.clock.now.addingTimeInterval(3_000)), nil
                )
            }
            _ = try await studio.publish(publication)
            #expect(studio.peer.refreshes == 1 && studio.peer.inserts == 1)
        }
    }

    @Test func `many workers that need a token at once make one refresh`() async throws {
        try await Studio.open { studio in
            let authorization = GoogleAuthorization(
                studio.settings.client, at: studio.settings.endpoints, over: studio.line, now: { studio.clock.now })
            let tokens = AccountTokens(
                account: .init(1), book: studio.accounts, authorization: authorization, line: studio.line)
            let all = try await withThrowingTaskGroup(of: Secret.self) { group in
                for _ in 0..<16 { group.addTask { try await tokens.token() } }
                return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
            }
            #expect(all.count == 1 && studio.peer.refreshes == 1)
            // Refused by all of them at once: one refresh again.
            let old = try #require(all.first)
            let new = try await withThrowingTaskGroup(of: Secret.self) { group in
                for _ in 0..<16 { group.addTask { try await tokens.token(rejecting: old) } }
                return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
            }
            #expect(new.count == 1 && new != all && studio.peer.refreshes == 2)
            studio.clock.advance(3_599 - 59)
            _ = try await tokens.token()
            #expect(studio.peer.refreshes == 3, "a minute early")
        }
    }

    @Test func `a wrong client secret is a matter of configuration`() async throws {
        try await Studio.open { studio in
            let authorization = GoogleAuthorization(
                GoogleClient(id: YouTubePeer.clientID, secret: Secret("wrong-canary-secret")),
                at: studio.settings.endpoints,
                over: studio.line)
            let failure = try await studio.failure { _ = try await authorization.refresh(Secret(Studio.refreshToken)) }
            #expect(failure.kind == .permanent && failure.answer.contains("youtube.client-secret"))
            studio.peer.server.fail(.reply(.json("{\"error\": \"server_error\"}", status: 500)))
            let passing = try await studio.failure { _ = try await authorization.refresh(Secret(Studio.refreshToken)) }
            #expect(passing.kind == .transient())
        }
    }
}
