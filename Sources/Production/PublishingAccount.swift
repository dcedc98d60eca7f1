package import FoundationEssentials

/// An account of a publisher, such as a Google account that may upload to a YouTube channel. A channel of ours may have
/// several; a job goes to the one that was used least today.
package struct PublishingAccount: Sendable, Equatable, Identifiable {
    package typealias ID = Identifier<PublishingAccount>

    package let id: ID
    /// As a person named it when connecting.
    package let name: String
    /// YouTube's id of the channel that it uploads to.
    package let remoteChannel: String
    /// Uploads begun with it on the quota's day.
    package let usedToday: Int
    /// Why it is out of use at the moment; nil if it is not.
    package var parked: Parking?

    package init(id: ID, name: String, remoteChannel: String, usedToday: Int, parked: Parking? = nil) {
        (self.id, self.name, self.remoteChannel, self.usedToday) = (id, name, remoteChannel, usedToday)
        self.parked = parked
    }

    /// Out of use, until then, or (nil) until a person connects it again.
    package struct Parking: Sendable, Equatable {
        package let until: Date?
        package let reason: String

        package init(until: Date?, reason: String) { (self.until, self.reason) = (until, reason) }
    }
}

/// A token that lets in for a while.
package struct AccessToken: Sendable, Equatable {
    package let token: Secret
    package let expires: Date

    package init(token: Secret, expires: Date) { (self.token, self.expires) = (token, expires) }
}

/// The accounts of the fleet, with their tokens, which only the upload worker can decrypt.
package protocol AccountBook: Sendable {
    /// The connected accounts that may publish on a channel, the least used first; those that are parked at this moment say so,
    /// which tells a job that has to wait from one that has nobody to go to.
    func accounts(for channel: Channel.ID) async throws -> [PublishingAccount]

    /// The access token of an account: the kept one while it lasts for a minute more, else what `refresh` gets for the
    /// refresh token. One refresh at a time in the whole fleet: whoever waited finds the new one.
    ///
    /// - Parameters:
    ///   - rejected: a token that the provider refused though it should have lasted; it is not answered again.
    ///   - refresh: answers the new token, and a new refresh token if the provider gave one. What it throws is thrown
    ///     unchanged; the account is parked only afterwards, so the book may hold its row until then.
    func accessToken(
        of account: PublishingAccount.ID, rejecting rejected: Secret?,
        refresh: @escaping @Sendable (_ refreshToken: Secret) async throws -> (AccessToken, newRefreshToken: Secret?)
    ) async throws -> AccessToken

    /// Takes an account out of use until a person connects it again, or until a moment: `invalid_grant`, a channel's own
    /// limit.
    func park(_ account: PublishingAccount.ID, until: Date?, because reason: String) async throws
}

/// Calls or units that a provider grants a project for a day.
package struct Quota: Sendable, Hashable {
    /// `uploads`, `searches` or `units`.
    package let bucket: String
    /// Whose: a project's number, an account's id.
    package let owner: String
    package let limit: Int

    package init(bucket: String, owner: String, limit: Int) {
        (self.bucket, self.owner, self.limit) = (bucket, owner, limit)
    }
}

/// The quotas of all providers' days, shared by the fleet.
package protocol QuotaBook: Sendable {
    /// Takes some of a day's quota before the call that uses it. YouTube's day begins at midnight in Los Angeles.
    ///
    /// - Throws: `StageFailure(.limited)` until the next reset if there is not so much left.
    func take(_ amount: Int, of quota: Quota, for provider: ProviderName) async throws

    /// The provider says that it is used up, whatever we counted: nothing is taken until then (nil: until the next reset).
    ///
    /// - Returns: when it may be used again. At YouTube's reset that is midnight in America/Los_Angeles, whatever the season.
    func exhausted(_ quota: Quota, at provider: ProviderName, until: Date?) async throws -> Date
}
