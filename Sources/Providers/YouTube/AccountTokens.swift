import Production
import ProviderCalling

/// The access tokens of one account.
struct AccountTokens: Sendable {
    let account: PublishingAccount.ID
    let book: any AccountBook
    let authorization: GoogleAuthorization
    let line: ProviderLine
    let inUse = SecretsInUse()

    /// A token that lasts for a minute more.
    ///
    /// - Parameter rejected: one that YouTube refused though it should have lasted.
    /// - Throws: a permanent failure, with the account parked, if its consent was revoked or has run out.
    func token(rejecting rejected: Secret? = nil) async throws -> Secret {
        let authorization = authorization
        do {
            let access = try await book.accessToken(of: account, rejecting: rejected) { refreshToken in
                let grant = try await authorization.refresh(refreshToken)
                return (grant.access, newRefreshToken: grant.refresh)
            }
            inUse.add(access.token)
            return access.token
        } catch let revoked as GrantRevoked {
            // Only here: within the refresh the book may hold the account's row.
            let reason = "Google refused its refresh token: \(revoked.reason)"
            try await book.park(account, until: nil, because: reason)
            throw line.failure(
                .permanent, asked: "refresh the access token of account \(account)",
                answer: "\(revoked.reason); the account is parked: connect it again with "
                    + "`ytempire account connect`, then retry the job. A consent screen left in \"Testing\" gives tokens for "
                    + "seven days only")
        }
    }
}
