/// An entry in the index of dead letters. Its history is where the truth is kept.
public struct DeadLetter: Sendable, Hashable {
    public let reference: JobReference
    /// Milliseconds since 1970, by Redis' clock.
    public let buried: Int64
}
