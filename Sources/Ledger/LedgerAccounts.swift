package import FoundationEssentials
import Postgres
package import Production

/// The accounts in Postgres. Their tokens are sealed and opened by whoever makes this, for the ledger itself has no keys.
package struct LedgerAccounts: AccountBook {
    let ledger: Ledger
    let sealing: any Sealing
    private let ids: @Sendable () -> UUID

    package init(_ ledger: Ledger, sealing: any Sealing, ids: @escaping @Sendable () -> UUID = { UUID() }) {
        (self.ledger, self.sealing, self.ids) = (ledger, sealing, ids)
    }

    private var database: PostgresPool { ledger.database }

    package func accounts(for channel: Channel.ID) async throws -> [PublishingAccount] {
        try await database.query(
            """
            SELECT \(AccountReport.columns) FROM accounts a JOIN account_channels k ON k.account_id = a.id
             WHERE k.channel_id = \(channel.rawValue)
               AND a.state <> 'revoked'
             ORDER BY used_today, a.id
            """
        ).map { row in
            let report = try AccountReport(row)
            return PublishingAccount(
                id: report.id, name: report.name, remoteChannel: report.remoteChannel, usedToday: report.usedToday,
                parked: report.parkedBecause.map { .init(until: report.parkedUntil, reason: $0) })
        }
    }

    package func park(_ account: PublishingAccount.ID, until: Date?, because reason: String) async throws {
        try await database.execute(
            """
            UPDATE accounts SET state = 'parked', parked_because = \(reason), parked_until = \(until)::timestamptz
             WHERE id = \(account.rawValue) AND state <> 'revoked'
            """)
    }

    package func accessToken(
        of account: PublishingAccount.ID, rejecting rejected: Secret?,
        refresh: @escaping @Sendable (Secret) async throws -> (AccessToken, newRefreshToken: Secret?)
    ) async throws -> AccessToken {
        while true {
            try Task.checkCancellation()
            let standing = try await standing(of: account)
            if let kept = standing.access, kept.expires.timeIntervalSince(standing.now) > Self.margin,
                kept.token != rejected
            {
                return kept
            }
            let turn = ids()
            guard try await takeTurn(turn, at: account) else {
                // Another worker, perhaps on another host, is getting one: there is nothing to await but time.
                try await Task.sleep(for: .milliseconds(150))
                continue
            }
            do {
                // Between the look and the turn another may have had its own, and may even have got a new refresh token.
                let latest = try await self.standing(of: account)
                if let kept = latest.access, kept.token != standing.access?.token, kept.token != rejected {
                    await giveBack(turn, at: account)
                    return kept
                }
                let refreshToken = latest.refreshToken
                let (access, newRefreshToken) = try await Self.within(Self.patience) {
                    try await refresh(refreshToken)
                }
                // It was given to us: a drain that falls just here must not lose it, least of all a new refresh token.
                return try await Task {
                    try await keep(access, newRefreshToken, turn, at: account)
                    return access
                }.value
            } catch {
                await giveBack(turn, at: account)
                throw error
            }
        }
    }

    private struct Standing {
        let refreshToken: Secret
        let access: AccessToken?
        let now: Date
    }

    private func standing(of account: PublishingAccount.ID) async throws -> Standing {
        let rows = try await database.query(
            """
            SELECT provider, name, state, parked_until, parked_because, refresh_token, access_token, access_expires,
                   now() AS now
              FROM accounts WHERE id = \(account.rawValue)
            """)
        guard let row = rows.first else { throw LedgerError(.notFound, "There is no account \(account).") }
        let provider = ProviderName(try row.get("provider", as: String.self))
        let name: String = try row.get("name")
        let because: String? = try row.get("parked_because")
        let until: Date? = try row.get("parked_until")
        guard let sealed: [UInt8] = try row.get("refresh_token"), because == nil || until != nil else {
            throw StageFailure(
                .permanent, provider: provider, asked: "use the account \(name)",
                answer: "\(because ?? "it was disconnected"); `ytempire account connect \(name)` connects it again")
        }
        var access: AccessToken?
        if let token: [UInt8] = try row.get("access_token") {
            access = AccessToken(
                token: try sealing.open(token, at: .accessToken(account)), expires: try row.get("access_expires"))
        }
        return Standing(
            refreshToken: try sealing.open(sealed, at: .refreshToken(account)), access: access,
            now: try row.get("now"))
    }

    /// One statement is the lock. It ends by itself, should its holder die.
    private func takeTurn(_ turn: UUID, at account: PublishingAccount.ID) async throws -> Bool {
        try await !database.query(
            """
            UPDATE accounts SET refreshing_by = \(turn), refreshing_until = now() + \("\(Self.turn.milliseconds) ms")::interval
             WHERE id = \(account.rawValue) AND state <> 'revoked'
               AND (refreshing_until IS NULL OR refreshing_until <= now())
            RETURNING id
            """
        ).isEmpty
    }

    private func keep(
        _ access: AccessToken, _ newRefreshToken: Secret?, _ turn: UUID, at account: PublishingAccount.ID
    ) async throws {
        let sealed = try sealing.seal(access.token, for: .accessToken(account))
        let refresh = try newRefreshToken.map { try sealing.seal($0, for: .refreshToken(account)) }
        let rows = try await database.query(
            """
            UPDATE accounts SET access_token = \(sealed), access_expires = \(access.expires),
                   refresh_token = COALESCE(\(refresh)::bytea, refresh_token), refreshing_by = NULL, refreshing_until = NULL
             WHERE id = \(account.rawValue) AND state <> 'revoked' AND refreshing_by = \(turn)
            RETURNING id
            """)
        guard rows.isEmpty else { return }
        // Disconnected or connected anew meanwhile: what was got for the old token is nobody's any more.
        throw LedgerError(
            .refused, "Account \(account) was disconnected, or connected again, while its token was renewed.")
    }

    private func giveBack(_ turn: UUID, at account: PublishingAccount.ID) async {
        // In a task of its own, so that it happens though this one was cancelled; without Postgres the turn ends by itself.
        _ = await Task {
            try? await database.execute(
                """
                UPDATE accounts SET refreshing_by = NULL, refreshing_until = NULL
                 WHERE id = \(account.rawValue) AND refreshing_by = \(turn)
                """)
        }.value
    }

    private static func within<Answer: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw LedgerError(.refused, "A new access token did not come within \(limit).")
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    /// A token that ends within so many seconds is not used any more: a request under way must not outlive it.
    private static let margin = 60.0
    /// How long a refresh may take, and how long nobody else tries one: longer, so that two never do at once.
    private static let patience: Duration = .seconds(40)
    private static let turn: Duration = .seconds(60)
}

extension SealedPlace {
    static func refreshToken(_ account: PublishingAccount.ID) -> SealedPlace {
        SealedPlace(table: "accounts", column: "refresh_token", row: account.rawValue)
    }

    static func accessToken(_ account: PublishingAccount.ID) -> SealedPlace {
        SealedPlace(table: "accounts", column: "access_token", row: account.rawValue)
    }
}
