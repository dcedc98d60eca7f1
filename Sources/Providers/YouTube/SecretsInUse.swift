import Production
import Synchronization

/// What was sent to let us in while one account was at work. Whatever is told of YouTube's answers, which may quote it, is told
/// without it.
final class SecretsInUse: Sendable {
    private let kept = Mutex<[Secret]>([])

    var all: [Secret] { kept.withLock { $0 } }

    func add(_ secret: Secret) {
        kept.withLock { kept in
            if !kept.contains(secret) { kept.append(secret) }
        }
    }
}
