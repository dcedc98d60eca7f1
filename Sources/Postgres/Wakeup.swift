import CPostgres
import Glibc

/// A bell that another thread rings to wake the one that waits on a connection's socket.
///
/// A ring means "look around", no more: the woken thread asks `Task.isCancelled` itself, so a late ring does no harm.
final class Wakeup: Sendable {
    /// Readable once rung; -1 when the process has no descriptor left (waiting then goes on without being woken).
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func ring() {
        guard descriptor >= 0 else { return }
        eventfd_write(descriptor, 1)
    }

    func silence() {
        guard descriptor >= 0 else { return }
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
