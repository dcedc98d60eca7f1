/// How many deliveries of a stage may be in hand at once, beyond what one worker's slots allow.
///
/// They are counted in Redis' own list of what is in hand, in the script that takes more, so they hold exactly, and a dead
/// worker's count goes with what it held. They belong to configuration, the same in every worker of the stage.
///
/// A script sees one partition, so over several each partition has its ``share(of:among:)``.
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

    /// A partition's part: the limit divided, what is left over going to the first ones, so that all parts together are
    /// the limit. One that is lower than there are partitions leaves each of them one, for none must stand still.
    func share(of partition: Int, among partitions: @autoclosure () -> [Int]) -> StageLimits {
        guard fleet != nil || hostMost != nil else { return self }
        let partitions = partitions()
        guard partitions.count > 1, let place = partitions.firstIndex(of: partition) else { return self }
        func part(_ limit: Int) -> Int {
            max(1, limit / partitions.count + (place < limit % partitions.count ? 1 : 0))
        }
        var share = self
        (share.fleet, share.hostMost) = (fleet.map(part), hostMost.map(part))
        return share
    }

    public init(fleet: Int? = nil, host: (name: String, most: Int)? = nil) {
        self.fleet = fleet
        self.host = host
    }
}
