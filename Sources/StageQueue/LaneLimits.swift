/// How much of one lane's work may stand before others'. A lane is whoever ``Dispatch/lane`` names, usually a user.
///
/// These numbers belong to the dispatching side's configuration, the same in every process; Redis only holds who waits.
public struct LaneLimits: Sendable, Hashable {
    /// How many of a lane's deliveries of one stage may be in the ready streams or in hand before its next ones wait; nil:
    /// any number, and there are no waiting rooms. When one ends, the lane's next is admitted.
    public var ahead: Int?
    /// How many of them idle slots may raise that to, when nothing else is ready; nil: any number.
    public var most: Int?

    public init(ahead: Int? = nil, most: Int? = nil) { (self.ahead, self.most) = (ahead.map { max(1, $0) }, most) }
}
