import Foundation
import Ledger
import Postgres
import Production
import Secrets
import Synchronization
import Testing

/// A provider that hands out tokens and counts them.
private final class TokenServer: Sendable {
    private struct State {
        var given = 0
        var inside = 0
        var most = 0
    }

    private let state = Mutex(State())
    var given: Int { state.withLock { $0.given } }
    var mostAtOnce: Int { state.withLock { $0.most } }

    func refresh(_ token: Secret, lasting seconds: TimeInterval = 3_600) async throws -> (AccessToken, Secret?) {
        state.withLock {
            $0.inside += 1
            $0.most = max($0.most, $0.inside)
        }
        try await Task.sleep(for: .milliseconds(50))
        let number = state.withLock {
            $0.inside -= 1
            $0.given += 1
            return $0.given
        }
        return (AccessToken(token: Secret("access-\(number)"), expires: Date(timeIntervalSinceNow: seconds)), nil)
    }
}

/// A ledger with accounts, and keys to them.
private struct Office {
    let shop: Workshop
    let keys: KeyRing
    let book: LedgerAccounts

    init(size: Int = 10) async throws {
        shop = try await Workshop(size: size)
        keys = try #require(KeyRing([MasterKey()]))
        book = LedgerAccounts(shop.ledger, sealing: keys)
    }

    @discardableResult
    func connect(
        _ name: String = "main", refreshToken: String = "refresh-canary-0123456789", access: AccessToken? = nil
    ) async throws -> PublishingAccount.ID {
        try await book.keep(
            AccountGrant(
                provider: "youtube", name: name, client: "client-1", remoteChannel: "UC-\(name)",
                remoteTitle: "News of \(name)", scopes: ["youtube.upload", "youtube.readonly"],
                refreshToken: Secret(refreshToken), access: access)
        ).id
    }

    func channel() async throws -> Channel {
        let user = try await shop.user("u-\(UUID())")
        return try await shop.ledger.channels(of: user.id)[0]
    }

    func token(of account: PublishingAccount.ID, rejecting: Secret? = nil, by server: TokenServer) async throws
        -> String
    {
        try await book.accessToken(of: account, rejecting: rejecting) { try await server.refresh($0) }.token.value
    }

    func usable(for channel: Channel) async throws -> [PublishingAccount.ID] {
        try await book.accounts(for: channel.id).filter { $0.parked == nil }.map(\.id)
    }

    /// Everything that stands in the accounts' table, as a backup would hold it.
    func dump() async throws -> String {
        try await shop.pool.query(
            "SELECT string_agg(a::text || encode(COALESCE(refresh_token, ''), 'escape') || encode(COALESCE(access_token, ''), 'escape'), ' ') FROM accounts a"
        )[0].get(0)
    }
}

@Suite struct `An account's tokens` {
    @Test func `stand sealed in Postgres, bound to their row`() async throws {
        let office = try await Office()
        let access = AccessToken(token: Secret("access-canary-0123456789"), expires: Date(timeIntervalSinceNow: 3_600))
        let one = try await office.connect(access: access)
        #expect(try await !office.dump().contains("canary"))
        let server = TokenServer()
        #expect(try await office.token(of: one, by: server) == "access-canary-0123456789")
        #expect(server.given == 0)

        let other = try await office.connect("other", refreshToken: "refresh-other")
        try await office.shop.pool.execute(
            """
            UPDATE accounts SET refresh_token = (SELECT refresh_token FROM accounts WHERE id = \(one.rawValue))
             WHERE id = \(other.rawValue)
            """)
        await #expect(throws: SecretsError.self) { _ = try await office.token(of: other, by: server) }
        #expect(server.given == 0)
    }

    @Test func `are renewed by one of many at a time, and the others find the new one`() async throws {
        let office = try await Office(size: 6)
        let account = try await office.connect()
        let server = TokenServer()
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<12 { group.addTask { try await office.token(of: account, by: server) } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(tokens == ["access-1"])
        #expect(server.given == 1)
        // One that was refused is not answered again, by whoever is told so.
        let next = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<6 {
                group.addTask { try await office.token(of: account, rejecting: Secret("access-1"), by: server) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(next == ["access-2"])
        #expect(server.given == 2 && server.mostAtOnce == 1)
    }

    @Test func `that end within a minute are renewed before they do`() async throws {
        let office = try await Office()
        let server = TokenServer()
        let account = try await office.connect(
            access: AccessToken(token: Secret("old"), expires: Date(timeIntervalSinceNow: 50)))
        #expect(try await office.token(of: account, by: server) == "access-1")
        let late = try await office.connect(
            "late", access: AccessToken(token: Secret("fresh"), expires: Date(timeIntervalSinceNow: 120)))
        #expect(try await office.token(of: late, by: server) == "fresh")
    }

    @Test func `take a new refresh token where the provider gives one`() async throws {
        let office = try await Office()
        let account = try await office.connect(refreshToken: "first")
        let seen = Mutex<[String]>([])
        for number in 0..<2 {
            _ = try await office.book.accessToken(of: account, rejecting: Secret("access \(number - 1)")) { refresh in
                seen.withLock { $0.append(refresh.value) }
                return (
                    AccessToken(token: Secret("access \(number)"), expires: Date(timeIntervalSinceNow: 3_600)),
                    Secret("second")
                )
            }
        }
        #expect(seen.withLock { $0 } == ["first", "second"])
    }

    @Test func `whose renewal failed, or whose renewer was cancelled, are anybody's turn again`() async throws {
        let office = try await Office()
        let account = try await office.connect()
        await #expect(throws: Unexpected.self) {
            _ = try await office.book.accessToken(of: account, rejecting: nil) { _ in throw Unexpected(what: "500") }
        }
        let started = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await office.book.accessToken(of: account, rejecting: nil) { _ in
                started.continuation.finish()
                try await Task.sleep(for: .seconds(3_600))
                throw Unexpected(what: "not cancelled")
            }
        }
        for await _ in started.stream {}
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        let server = TokenServer()
        #expect(try await office.token(of: account, by: server) == "access-1")
    }

    @Test func `of a renewer that died are renewed by another once its turn is over`() async throws {
        let office = try await Office()
        let account = try await office.connect()
        let server = TokenServer()
        try await office.shop.pool.execute(
            "UPDATE accounts SET refreshing_by = gen_random_uuid(), refreshing_until = now() + interval '300 ms'")
        #expect(try await office.token(of: account, by: server) == "access-1")
        #expect(try await office.shop.isTrue("SELECT refreshing_by IS NULL FROM accounts"))
    }

    @Test func `got for an account that was disconnected meanwhile are not kept`() async throws {
        let office = try await Office()
        let account = try await office.connect()
        let refused = await refusal {
            _ = try await office.book.accessToken(of: account, rejecting: nil) { _ in
                _ = try await office.book.disconnect(account)
                return (AccessToken(token: Secret("late"), expires: Date(timeIntervalSinceNow: 3_600)), nil)
            }
        }
        #expect(refused?.code == .refused)
        #expect(try await office.shop.isTrue("SELECT refresh_token IS NULL AND access_token IS NULL FROM accounts"))
    }
}

@Suite struct `An account` {
    @Test func `that rests is still of use to its channel, and one that only a person can wake is none`() async throws {
        let office = try await Office()
        let channel = try await office.channel()
        let account = try await office.connect("a")
        let ledger = office.shop.ledger
        try await ledger.assign(account, to: channel.id)
        let tomorrow = Date().addingTimeInterval(86_400)
        for (until, isOfUse) in [(tomorrow, true), (nil, false), (tomorrow, true)] as [(Date?, Bool)] {
            try await office.book.park(account, until: until, because: "uploadLimitExceeded")
            #expect(try await ledger.channelsWithAccount(among: [channel.id]) == (isOfUse ? [channel.id] : []))
            #expect(try await ledger.channelsWithoutAccount().isEmpty == isOfUse)
        }
    }

    @Test func `is offered for its channels, the least used one first, and not while it is parked`() async throws {
        let office = try await Office()
        let channel = try await office.channel()
        let (a, b) = (try await office.connect("a"), try await office.connect("b"))
        _ = try await office.connect("stranger")
        let ledger = office.shop.ledger
        #expect(try await ledger.channelsWithAccount(among: [channel.id]).isEmpty)
        for account in [a, b] { try await ledger.assign(account, to: channel.id) }
        #expect(try await office.usable(for: channel) == [a, b])
        #expect(
            try await ledger.channelsWithAccount(among: [.init(channel.id.rawValue + 1), channel.id]) == [channel.id])

        let job = try await office.shop.job(at: .upload)
        let attempt = try await office.shop.begin(job, .upload, by: office.shop.worker("up", stage: .upload))
        _ = try await office.shop.ledger.openPublication(for: attempt, marker: "m-\(job)", provider: "youtube")
        #expect(try await office.shop.ledger.choose(a, for: attempt) != nil)
        let accounts = try await office.book.accounts(for: channel.id)
        #expect(accounts.map(\.id) == [b, a] && accounts.map(\.usedToday) == [0, 1])

        try await office.book.park(b, until: nil, because: "Token has been expired or revoked.")
        #expect(
            try await office.book.accounts(for: channel.id).compactMap(\.parked)
                == [.init(until: nil, reason: "Token has been expired or revoked.")])
        #expect(try await office.usable(for: channel) == [a])
        let failure = await #expect(throws: StageFailure.self) {
            _ = try await office.token(of: b, by: TokenServer())
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.answer.contains("ytempire account connect b") == true)
        try await office.connect("b")
        #expect(try await office.usable(for: channel) == [b, a])

        try await office.book.park(b, until: Date(timeIntervalSinceNow: 3_600), because: "uploadLimitExceeded")
        #expect(try await office.shop.ledger.account(named: "B").state == .parked)
        #expect(try await office.usable(for: channel) == [a])
        // What is under way with it may end.
        #expect(try await office.token(of: b, by: TokenServer()) == "access-1")
        try await office.book.park(b, until: Date(timeIntervalSinceNow: -1), because: "uploadLimitExceeded")
        #expect(try await office.shop.ledger.account(named: "b").state == .connected)
        #expect(try await office.usable(for: channel) == [b, a])
        try await office.shop.ledger.assign(b, to: channel.id, false)
        #expect(try await office.usable(for: channel) == [a])
    }

    @Test func `that is disconnected has no tokens, tells the one to revoke, and can't be used or parked`() async throws
    {
        let office = try await Office()
        let account = try await office.connect(refreshToken: "to revoke")
        #expect(try await office.book.disconnect(account) == Secret("to revoke"))
        #expect(try await office.book.disconnect(account) == nil)
        try await office.book.park(account, until: nil, because: "late")
        #expect(try await office.shop.ledger.accounts().isEmpty)
        #expect(try await office.shop.ledger.accounts(revoked: true).map(\.state) == [.revoked])
        await #expect(throws: StageFailure.self) { _ = try await office.token(of: account, by: TokenServer()) }
        let again = try await office.connect()
        #expect(again == account)
        #expect(try await office.shop.ledger.accounts().map(\.state) == [.connected])
    }
}

@Suite struct `Rotating the keys` {
    @Test func `re-wraps every token page by page, once, and tells what does not open`() async throws {
        let office = try await Office()
        let access = AccessToken(token: Secret("access"), expires: Date(timeIntervalSinceNow: 3_600))
        for number in 0..<7 { _ = try await office.connect("a\(number)", access: access) }
        let last = try await office.connect("broken", refreshToken: "lost")
        let new = MasterKey()
        let both = try #require(KeyRing([new] + office.keys.keys))
        let book = LedgerAccounts(office.shop.ledger, sealing: both)
        try await office.shop.pool.execute(
            "UPDATE accounts SET refresh_token = substr(refresh_token, 1, 40) WHERE id = \(last.rawValue)")
        let rotated = try await book.rotate(page: 2)
        #expect(rotated.resealed == 14 && rotated.unopened.count == 1)
        #expect(rotated.unopened.first?.contains("refresh_token of row \(last)") == true)
        #expect(try await book.rotate(page: 3).resealed == 0)
        // The old key is needed no more.
        let after = LedgerAccounts(office.shop.ledger, sealing: try #require(KeyRing([new])))
        for report in try await office.shop.ledger.accounts() where report.id != last {
            let token = try await after.accessToken(of: report.id, rejecting: nil) { _ in throw CancellationError() }
            #expect(token.token.value == "access")
        }
    }

    @Test func `leaves alone what a worker renews at the same time`() async throws {
        let office = try await Office()
        let account = try await office.connect(refreshToken: "old")
        let new = MasterKey()
        let both = try #require(KeyRing([new] + office.keys.keys))
        /// Renews just when the rotation has read the old envelope.
        struct Meddling: Sealing {
            let keys: KeyRing
            let pool: PostgresPool
            let renewed: [UInt8]
            let done: DispatchSemaphore

            func seal(_ secret: Secret, for place: SealedPlace) throws -> [UInt8] { try keys.seal(secret, for: place) }
            func open(_ sealed: [UInt8], at place: SealedPlace) throws -> Secret { try keys.open(sealed, at: place) }
            func resealed(_ sealed: [UInt8], at place: SealedPlace) throws -> [UInt8]? {
                let answer = try keys.resealed(sealed, at: place)
                Task {
                    try await pool.execute("UPDATE accounts SET refresh_token = \(renewed)")
                    done.signal()
                }
                done.wait()
                return answer
            }
        }
        let place = SealedPlace(table: "accounts", column: "refresh_token", row: account.rawValue)
        let renewed = try both.seal(Secret("renewed"), for: place)
        let meddling = Meddling(
            keys: both, pool: office.shop.pool, renewed: renewed, done: DispatchSemaphore(value: 0))
        #expect(try await LedgerAccounts(office.shop.ledger, sealing: meddling).rotate().resealed == 0)
        #expect(try await LedgerAccounts(office.shop.ledger, sealing: both).disconnect(account) == Secret("renewed"))
    }
}
