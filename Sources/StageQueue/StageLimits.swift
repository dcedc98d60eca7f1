/// How many deliveries of a stage may be in hand at once, beyond what one worker's slots allow.
///
/// They are counted in Redis' own list of what is in hand, in the script that takes more, so they hold exactly, and a dead
/// worker's count goes with what it held. They belong to configuration, the same in every worker of the stage.
public struct StageLimits: Sendable, Hashable {
    /// In the whole fleet; nil: any number.
    public var fleet: Int?
    /// On one host; nil: any number. What is taken from a dead worker is not held back by it.
    public var host: (name: String, most: Int)? {
        get { hostName.flatMap { name in hostMost.map { (name, $0) } } }
        set { (hostName, hostMost) = (newValue?.name, newValue?.most) }
    }
    private var hostName: String?
    private var hostMost: Int?

    public init(fleet: Int? = nil, host: (name: String, most: Int)? = nil) {
        self.fleet = fleet
        self.host = host
    }
}
