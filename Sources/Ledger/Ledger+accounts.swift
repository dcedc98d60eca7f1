import Postgres
package import Production

/// Accounts without their tokens: whoever looks needs no keys.
extension Ledger {
    /// - Parameter revoked: whether those that were disconnected are among them.
    package func accounts(revoked: Bool = false) async throws -> [AccountReport] {
        try await database.query(
            """
            SELECT \(AccountReport.columns) FROM accounts a WHERE \(revoked) OR a.state <> 'revoked'
             ORDER BY a.provider, a.name
            """
        ).map(AccountReport.init)
    }

    /// By its name, in any case, or its number.
    ///
    /// - Throws: `LedgerError(.notFound)`, naming the nearest.
    package func account(named name: String) async throws -> AccountReport {
        let accounts = try await accounts(revoked: true)
        guard
            let account = accounts.first(where: { $0.name == name })
                ?? accounts.first(where: { $0.name.lowercased() == name.lowercased() })
                ?? accounts.first(where: { $0.id.description == name })
        else {
            throw LedgerError(
                .notFound, noSuch("account named", name, among: accounts.map(\.name), seeing: "ytempire account list"))
        }
        return account
    }

    /// The channels, as `USER CHANNEL`, that get videos which no account can publish.
    package func channelsWithoutAccount() async throws -> [String] {
        try await database.query(
            """
            SELECT u.name || ' ' || c.name AS name FROM channels c JOIN users u ON u.id = c.user_id
             WHERE c.state = 'active'
               AND NOT EXISTS (SELECT 1 FROM account_channels k JOIN accounts a ON a.id = k.account_id
                                WHERE k.channel_id = c.id AND \(Self.isOfUse))
             ORDER BY 1
            """
        ).map { try $0.get("name", as: String.self) }
    }

    /// Neither revoked nor parked until a person does something; one that rests for a while is.
    private static let isOfUse: SQL =
        "(a.state = 'connected' OR a.state = 'parked' AND a.parked_until IS NOT NULL)"

    /// Those of the channels that some connected account can publish for, be it after a rest.
    package func channelsWithAccount(among channels: [Channel.ID]) async throws -> Set<Channel.ID> {
        Set(
            try await database.query(
                """
                SELECT DISTINCT k.channel_id AS id FROM account_channels k JOIN accounts a ON a.id = k.account_id
                 WHERE k.channel_id = ANY(\(channels.map(\.rawValue))::bigint[]) AND \(Self.isOfUse)
                """
            ).map { try Channel.ID($0.get("id", as: Int64.self)) })
    }

    /// Lets an account publish for a channel, or no longer.
    package func assign(_ account: PublishingAccount.ID, to channel: Channel.ID, _ isAllowed: Bool = true) async throws
    {
        if isAllowed {
            try await database.execute(
                """
                INSERT INTO account_channels (account_id, channel_id) VALUES (\(account.rawValue), \(channel.rawValue))
                ON CONFLICT DO NOTHING
                """)
        } else {
            try await database.execute(
                """
                DELETE FROM account_channels
                 WHERE account_id = \(account.rawValue) AND channel_id = \(channel.rawValue)
                """)
        }
    }
}
