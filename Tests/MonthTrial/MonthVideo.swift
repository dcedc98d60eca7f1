import Ledger
import Production
import Synchronization

/// One video of a simulated month, worked on by one task at a time.
final class MonthVideo: Sendable {
    private struct State {
        var stage: Stage? = .script
        var storyboard: Storyboard?
        var uses: [StockItem.Name] = []
        var attempts = 0
        var failures = 0
        var death: String?
    }

    let job: Job.ID
    /// Among all channels of the month.
    let channel: String
    let day: Int
    let memory = VideoMemory()
    private let state = Mutex(State())

    init(_ job: Job.ID, channel: String, day: Int) { (self.job, self.channel, self.day) = (job, channel, day) }

    /// Nil once it is published, or dead.
    var stage: Stage? {
        get { state.withLock { $0.stage } }
        set { state.withLock { $0.stage = newValue } }
    }
    var storyboard: Storyboard? {
        get { state.withLock { $0.storyboard } }
        set { state.withLock { $0.storyboard = newValue } }
    }
    var uses: [StockItem.Name] {
        get { state.withLock { $0.uses } }
        set { state.withLock { $0.uses = newValue } }
    }
    var attempts: Int {
        get { state.withLock { $0.attempts } }
        set { state.withLock { $0.attempts = newValue } }
    }
    var failures: Int {
        get { state.withLock { $0.failures } }
        set { state.withLock { $0.failures = newValue } }
    }
    var death: String? {
        get { state.withLock { $0.death } }
        set { state.withLock { $0.death = newValue } }
    }
}
