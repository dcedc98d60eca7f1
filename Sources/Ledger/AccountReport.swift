package import FoundationEssentials
import Postgres
package import Production

/// An account as a person sees it: without its tokens.
package struct AccountReport: Sendable, Equatable, Codable {
    package enum State: String, Sendable, Codable {
        case connected, parked
        /// Disconnected: its tokens are gone.
        case revoked
    }

    package let id: PublishingAccount.ID
    package let provider: String
    package let name: String
    package let remoteChannel: String
    package let remoteTitle: String
    package let scopes: [String]
    package let state: State
    /// Nil while parked: until a person connects it again.
    package let parkedUntil: Date?
    package let parkedBecause: String?
    package let connectedAt: Date
    /// When the access token that is kept ends; nil if none is.
    package let accessExpires: Date?
    /// Our channels that it may publish for: `user, channel`.
    package let channels: [String]
    /// Publications that it was chosen for on the quota's day.
    package let usedToday: Int

    static let columns: SQL = """
        a.id, a.provider, a.name, a.remote_channel, a.remote_title, array_to_string(a.scopes, ' ') AS scopes,
        CASE WHEN a.parked_until <= now() THEN 'connected' ELSE a.state END AS state,
        CASE WHEN a.parked_until > now() THEN a.parked_until END AS parked_until,
        CASE WHEN a.parked_until <= now() THEN NULL ELSE a.parked_because END AS parked_because,
        a.connected_at, a.access_expires,
        ARRAY(SELECT u.name || ', ' || c.name FROM account_channels ac JOIN channels c ON c.id = ac.channel_id
              JOIN users u ON u.id = c.user_id WHERE ac.account_id = a.id ORDER BY 1) AS channel_names,
        (SELECT count(*) FROM publications p
          WHERE p.account_id = a.id AND p.started_at >= quota_day_begins(quota_day(now()))) AS used_today
        """

    init(_ row: PostgresRow) throws {
        (id, provider, name) = try (row.identifier("id"), row.get("provider"), row.get("name"))
        (remoteChannel, remoteTitle) = try (row.get("remote_channel"), row.get("remote_title"))
        scopes = try row.get("scopes", as: String.self).split(separator: " ").map(String.init)
        state = try row.value("state")
        (parkedUntil, parkedBecause) = try (row.get("parked_until"), row.get("parked_because"))
        (connectedAt, accessExpires) = try (row.get("connected_at"), row.get("access_expires"))
        channels = try row.get("channel_names")
        usedToday = Int(try row.get("used_today", as: Int64.self))
    }
}

/// What connecting an account has given: its tokens, and who it is.
package struct AccountGrant: Sendable {
    package let provider: ProviderName
    /// As a person names it; one of that name is connected anew.
    package let name: String
    /// The OAuth client to which the tokens were given.
    package let client: String
    package let remoteChannel: String
    package let remoteTitle: String
    package let scopes: [String]
    package let refreshToken: Secret
    package let access: AccessToken?

    package init(
        provider: ProviderName, name: String, client: String, remoteChannel: String, remoteTitle: String,
        scopes: [String], refreshToken: Secret, access: AccessToken?
    ) {
        (self.provider, self.name, self.client) = (provider, name, client)
        (self.remoteChannel, self.remoteTitle, self.scopes) = (remoteChannel, remoteTitle, scopes)
        (self.refreshToken, self.access) = (refreshToken, access)
    }
}
