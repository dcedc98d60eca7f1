import StageQueue

/// What a worker is doing, in a line for `systemctl status`.
struct WorkerStatus: Sendable {
    /// For example `working at render as render-1`.
    let role: String
    let slots: Int
    var isDraining = false
    /// Somebody has migrated the database while this worker runs: it is time to restart with the new release.
    var isDatabaseNewer = false
    private var inHand = 0
    /// By partition, while its Redis is away.
    private var redisFailures: [Int: String] = [:]

    init(role: String = "", slots: Int = 0) { (self.role, self.slots) = (role, slots) }

    mutating func heard(_ event: WorkerEvent) {
        switch event {
        case .started: inHand += 1
        // One that came while the worker drained ends without having started.
        case .ended, .unsettled: inHand = max(0, inHand - 1)
        case .redisLost(let error, let partition): redisFailures[partition] = "\(error)"
        case .redisBack(_, let partition): redisFailures[partition] = nil
        default: break
        }
    }

    var text: String {
        var parts = [isDraining ? "draining, \(inHand) in hand" : "\(role), \(inHand) of \(slots) slots in use"]
        if let redisFailure = redisFailures.min(by: { $0.key < $1.key })?.value {
            parts.append("waiting for Redis: \(redisFailure)")
        }
        if isDatabaseNewer { parts.append("the database is newer than this program") }
        return parts.joined(separator: "; ")
    }
}
