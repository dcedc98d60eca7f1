import FoundationEssentials
import Postgres
package import Production

/// What a person does with accounts.
extension LedgerAccounts {
    /// Keeps an account's tokens, sealed before they leave this process. One of that name is connected anew: its channels
    /// stay, and it is parked no more.
    package func keep(_ account: AccountGrant) async throws -> AccountReport {
        try await ledger.database.transaction { connection in
            // First its number, to which the envelopes are bound.
            let row = try await connection.query(
                """
                INSERT INTO accounts AS a (provider, name, client, remote_channel, remote_title, scopes, state)
                VALUES (\(account.provider.rawValue), \(account.name), \(account.client), \(account.remoteChannel),
                        \(account.remoteTitle), \(account.scopes)::text[], 'revoked')
                ON CONFLICT (provider, name) DO UPDATE SET client = EXCLUDED.client,
                    remote_channel = EXCLUDED.remote_channel, remote_title = EXCLUDED.remote_title,
                    scopes = EXCLUDED.scopes
                RETURNING a.id
                """
            ).only("account")
            let id: PublishingAccount.ID = try row.identifier("id")
            let refresh = try sealing.seal(account.refreshToken, for: .refreshToken(id))
            let access = try account.access.map { try sealing.seal($0.token, for: .accessToken(id)) }
            try await connection.execute(
                """
                UPDATE accounts SET refresh_token = \(refresh), access_token = \(access)::bytea,
                       access_expires = \(account.access?.expires)::timestamptz, state = 'connected', parked_until = NULL,
                       parked_because = NULL, refreshing_by = NULL, refreshing_until = NULL, connected_at = now()
                 WHERE id = \(id.rawValue)
                """)
            let rows = try await connection.query(
                "SELECT \(AccountReport.columns) FROM accounts a WHERE a.id = \(id.rawValue)")
            return try AccountReport(rows.only("account \(id)"))
        }
    }

    /// Deletes an account's tokens. Its row stays, for the publications that tell of it.
    ///
    /// - Returns: the refresh token, to be revoked at the provider; nil if it had none, or none that these keys open.
    package func disconnect(_ account: PublishingAccount.ID) async throws -> Secret? {
        let rows = try await ledger.database.query(
            """
            UPDATE accounts AS a SET refresh_token = NULL, access_token = NULL, access_expires = NULL, state = 'revoked',
                   parked_until = NULL, parked_because = NULL, refreshing_by = NULL, refreshing_until = NULL
              FROM (SELECT id, refresh_token FROM accounts WHERE id = \(account.rawValue) FOR UPDATE) old
             WHERE a.id = old.id RETURNING old.refresh_token
            """)
        guard let row = rows.first else { throw LedgerError(.notFound, "There is no account \(account).") }
        guard let sealed: [UInt8] = try row.get("refresh_token") else { return nil }
        return try? sealing.open(sealed, at: .refreshToken(account))
    }

    /// Seals everything that is kept by the key that encrypts now, page by page, while the fleet runs: tokens, and the
    /// addresses of open uploads. What a worker renews meanwhile is left as the worker wrote it. Safe to ask again, also after
    /// it was broken off.
    package func rotate(page: Int = 100) async throws -> SecretsRotated {
        var rotated = SecretsRotated()
        try await rotateTokens(page, &rotated)
        try await rotateSessions(page, &rotated)
        return rotated
    }

    private func rotateSessions(_ page: Int, _ rotated: inout SecretsRotated) async throws {
        var last = Int64(0)
        while true {
            try Task.checkCancellation()
            let rows = try await ledger.database.query(
                """
                SELECT job_id, session_address, account_id, session_bytes, session_opened_at FROM publications
                 WHERE job_id > \(last) AND session_address IS NOT NULL ORDER BY job_id LIMIT \(Int64(page))
                """)
            guard !rows.isEmpty else { return }
            for row in rows {
                let job: Job.ID = try row.identifier("job_id")
                last = job.rawValue
                let session = try KeptSession(
                    address: row.get("session_address"), account: row.identifier("account_id"),
                    bytes: row.get("session_bytes"), openedAt: row.get("session_opened_at"))
                let new: String?
                do {
                    new = try session.resealedAddress(of: job, by: sealing)
                } catch {
                    rotated.unopened.append("\(error)")
                    continue
                }
                guard let new else { continue }
                let kept = try await ledger.database.query(
                    """
                    UPDATE publications SET session_address = \(new)
                     WHERE job_id = \(job.rawValue) AND session_address = \(session.address) RETURNING job_id
                    """)
                rotated.resealed += kept.count
            }
        }
    }

    private func rotateTokens(_ page: Int, _ rotated: inout SecretsRotated) async throws {
        var last = Int64(0)
        while true {
            try Task.checkCancellation()
            let rows = try await ledger.database.query(
                """
                SELECT id, refresh_token, access_token FROM accounts
                 WHERE id > \(last) AND refresh_token IS NOT NULL ORDER BY id LIMIT \(Int64(page))
                """)
            guard !rows.isEmpty else { return }
            for row in rows {
                let id: PublishingAccount.ID = try row.identifier("id")
                last = id.rawValue
                for (column, place) in [
                    ("refresh_token", SealedPlace.refreshToken(id)), ("access_token", .accessToken(id)),
                ] {
                    guard let old: [UInt8] = try row.get(column) else { continue }
                    do {
                        guard let new = try sealing.resealed(old, at: place) else { continue }
                        let kept = try await ledger.database.query(
                            """
                            UPDATE accounts SET \(unescaped: column) = \(new)
                             WHERE id = \(id.rawValue) AND \(unescaped: column) = \(old) RETURNING id
                            """)
                        rotated.resealed += kept.count
                    } catch let error as PostgresError {
                        throw error
                    } catch {
                        rotated.unopened.append("\(error)")
                    }
                }
            }
        }
    }
}

/// What became of the kept secrets when the keys were changed.
package struct SecretsRotated: Sendable, Equatable, Codable {
    /// Envelopes that were made anew.
    package var resealed = 0
    /// Why some don't open.
    package var unopened: [String] = []

    package init() {}
}
