import Foundation

/// Wakes threads that wait for something to change.
final class ThreadSignal: @unchecked Sendable {
    // Unchecked: `count` is only touched while the condition is locked.
    private let condition = NSCondition()
    private var count = 0

    struct Ticket: Sendable { fileprivate let count: Int }

    /// Taken before looking at what may change, so that no change after the look is missed.
    var ticket: Ticket {
        condition.lock()
        defer { condition.unlock() }
        return Ticket(count: count)
    }

    func signal() {
        condition.lock()
        count += 1
        condition.broadcast()
        condition.unlock()
    }

    /// Returns at once if there was a signal since the ticket was taken.
    func wait(past ticket: Ticket) {
        condition.lock()
        while count == ticket.count { condition.wait() }
        condition.unlock()
    }
}
