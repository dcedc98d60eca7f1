package import FoundationEssentials
package import Production

/// A paid call about to be made, at the most it can cost.
package struct ReservationRequest: Sendable {
    package var id: UUID
    package var attempt: UUID
    package var provider: ProviderName
    package var item: String
    package var upperBound: MicroDollars
    package var request: RequestHash
    /// How long the call may last; after it, an open reservation is an orphan.
    package var timeLimit: Duration
    package var limits: ProviderLimits
    /// Nothing is sent before `Ledger.send` allows it: given up before that, the call certainly cost nothing.
    package var unsent: Bool

    package init(
        id: UUID, attempt: UUID, provider: ProviderName, item: String, upperBound: MicroDollars, request: RequestHash,
        timeLimit: Duration, limits: ProviderLimits, unsent: Bool = false
    ) {
        (self.id, self.attempt, self.provider, self.item) = (id, attempt, provider, item)
        (self.upperBound, self.request, self.timeLimit, self.limits) = (upperBound, request, timeLimit, limits)
        self.unsent = unsent
    }
}

/// What the whole fleet together may ask of a provider.
package struct ProviderLimits: Sendable, Equatable {
    /// On a money day.
    package var dayCeiling: MicroDollars
    /// Calls under way at once; nil: any number.
    package var atOnce: Int?
    /// Calls begun in a minute; nil: any number.
    package var perMinute: Int?

    package init(dayCeiling: MicroDollars, atOnce: Int? = nil, perMinute: Int? = nil) {
        (self.dayCeiling, self.atOnce, self.perMinute) = (dayCeiling, atOnce, perMinute)
    }
}

package enum ReservationAnswer: Sendable, Equatable {
    package enum Ceiling: String, Sendable { case video, provider, day }

    case reserved
    /// The same request is under way: wait for its answer, at the longest until then.
    case taken(until: Date)
    /// That ceiling has no room.
    case refused(by: Ceiling)
    /// The provider's calls a minute are used up until then.
    case tooMany(until: Date)
    /// The provider has as many calls under way as it may: one that ends makes room.
    case tooManyAtOnce
    /// A person's pause covers the job.
    case paused
    /// The attempt has ended, or was cancelled or lost: nothing more may be spent for it.
    case revoked
    /// This reservation was made before, and has ended since.
    case ended
}

/// How a reservation ends.
package struct ReservationEnd: Sendable {
    package enum Outcome: Sendable {
        /// At what the call really cost. `kept`: its answer lies in the store.
        case settled([CostEntry], kept: Bool)
        /// Only for the attempt that knows that it was not billed.
        case released
        /// Nobody knows whether it was billed: it counts in full.
        case inDoubt
    }

    package let reservation: UUID
    package let outcome: Outcome

    package init(_ reservation: UUID, _ outcome: Outcome) { (self.reservation, self.outcome) = (reservation, outcome) }
}

/// What became of reservations whose calls can't be under way any more.
package struct OrphansSettled: Sendable, Equatable, Codable {
    /// Settled from their kept answers.
    package var settled = 0
    /// Counted in full: nobody knows whether they were billed.
    package var inDoubt = 0
    /// Given back: nothing was sent.
    package var released = 0

    package init() {}
}
