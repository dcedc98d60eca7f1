/// How one try of a stage by one worker stands. It runs, then ends once, in exactly one way.
///
///     running ──► succeeded | retried | limited | failed | cancelled | released | lost
package enum AttemptState: String, Sendable, Codable, CaseIterable {
    case running
    case succeeded
    /// Failed in a way that may go away; the stage is tried again.
    case retried
    /// Parked until a quota, a rate or the day's money opens again.
    case limited
    /// Failed for good.
    case failed
    /// The job was cancelled under it.
    case cancelled
    /// Given back by a worker that drains.
    case released
    /// Its worker died, or was cut off for longer than the lease.
    case lost

    package var isEnded: Bool { self != .running }

    /// Whether an attempt that ended so is one of the job's limited number of tries.
    package var counts: Bool { self == .retried || self == .failed }

    package func mayBecome(_ next: AttemptState) -> Bool { self == .running && next != .running }
}
