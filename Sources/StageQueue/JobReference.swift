/// A job at a stage: what `live` and the dead index are keyed by.
public struct JobReference: Sendable, Hashable, CustomStringConvertible {
    public let job: Int64
    public let stage: Stage

    public init(job: Int64, stage: Stage) { (self.job, self.stage) = (job, stage) }

    public var description: String { "job \(job) at \(stage)" }
}
