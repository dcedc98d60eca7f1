import NIOCore
import Synchronization

/// Gathers requests from any thread for one event loop. Only the first into an empty inbox wakes the loop, so what many tasks ask at the same
/// moment is written together.
final class Inbox: Sendable {
    let eventLoop: any EventLoop
    private let requests = Mutex<[Request]>([])

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// - Parameter drain: runs on the event loop with everything that has gathered.
    func add(_ request: Request, drain: @escaping @Sendable ([Request]) -> Void) {
        let isFirst = requests.withLock { requests in
            requests.append(request)
            return requests.count == 1
        }
        guard isFirst else { return }
        eventLoop.execute {
            let gathered = self.requests.withLock { requests in
                defer { requests.removeAll(keepingCapacity: requests.count < 1024) }
                return requests
            }
            drain(gathered)
        }
    }
}
