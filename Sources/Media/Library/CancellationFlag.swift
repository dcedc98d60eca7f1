import Synchronization

/// Tells work that blocks, and FFmpeg inside it, that nobody waits for it any more.
final class CancellationFlag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }

    /// Throws once the flag is up.
    func check(_ operation: String) throws(MediaError) {
        if isRaised { throw .cancelled(operation) }
    }
}
