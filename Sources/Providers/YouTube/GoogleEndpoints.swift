/// Where Google is reached. Tests and rehearsals put loopback addresses in.
package struct GoogleEndpoints: Sendable, Equatable {
    /// Opened by a person in a browser.
    package var authorization: String
    package var token: String
    package var revocation: String
    /// Without a path: `https://www.googleapis.com`.
    package var api: String

    package init(
        authorization: String = "https://accounts.google.com/o/oauth2/v2/auth",
        token: String = "https://oauth2.googleapis.com/token",
        revocation: String = "https://oauth2.googleapis.com/revoke", api: String = "https://www.googleapis.com"
    ) {
        (self.authorization, self.token, self.revocation, self.api) = (authorization, token, revocation, api)
    }

    /// All of them on one server.
    package init(base: String) {
        self.init(
            authorization: "\(base)/o/oauth2/v2/auth", token: "\(base)/token", revocation: "\(base)/revoke", api: base)
    }

    /// Whether an address that a server gave is one of Google's: a token is sent only there.
    func isOurs(_ address: String) -> Bool {
        guard let (scheme, host) = Self.origin(of: address), let own = Self.origin(of: api) else { return false }
        if (scheme, host) == own { return true }
        return scheme == "https" && own.host.hasSuffix(".googleapis.com") && host.hasSuffix(".googleapis.com")
    }

    /// The scheme, and the host with its port, of an absolute web address without a user part.
    private static func origin(of address: String) -> (scheme: String, host: String)? {
        guard let mark = address.firstRange(of: "://") else { return nil }
        let host = address[mark.upperBound...].prefix { !"/?#".contains($0) }.lowercased()
        guard !host.isEmpty, !host.contains("@"), !host.contains("\\") else { return nil }
        return (address[..<mark.lowerBound].lowercased(), host)
    }
}
