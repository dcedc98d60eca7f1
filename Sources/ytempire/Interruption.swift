import Dispatch
import Foundation
import Synchronization

/// Lets Ctrl-C cancel what is being done, so that it cleans up, instead of ending the program on the spot.
enum Interruption {
    /// Does the work; SIGINT, SIGTERM and SIGHUP cancel it. Answers nil where one of them did.
    static func cancelling<Result: Sendable>(
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        // A task of its own, awaited below: without it a signal would have nothing to cancel.
        let task = Task { try await work() }
        let heard = Heard()
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)  // the source hears it all the same
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                heard.note()
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        do {
            return try await task.value
        } catch {
            guard heard.isNoted else { throw error }
            return nil
        }
    }
}

private final class Heard: Sendable {
    private let state = Mutex(false)
    func note() { state.withLock { $0 = true } }
    var isNoted: Bool { state.withLock { $0 } }
}
