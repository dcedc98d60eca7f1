import Blocking
import Glibc

/// The last bytes of a file, read on a thread of its own.
actor FileEnd {
    private let executor = BlockingExecutor(label: "end of a stock file")
    private let path: String

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ path: String) { self.path = path }

    /// Whether a JPEG has its end: decoders take one that breaks off for whole, and leave the rest of it grey. A file that is none
    /// has no such end to look for.
    func isWholeIfJPEG() throws -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StockFault("it can't be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var head: [UInt8] = [0, 0]
        guard pread(descriptor, &head, 2, 0) == 2, head == [0xFF, 0xD8] else { return true }
        let size = lseek(descriptor, 0, SEEK_END)
        // Cameras and editors append a little after the end marker.
        var tail = [UInt8](repeating: 0, count: Int(min(size, 64 << 10)))
        let count = pread(descriptor, &tail, tail.count, size - off_t(tail.count))
        return zip(tail.prefix(max(count, 0)), tail.prefix(max(count, 0)).dropFirst()).contains { $0 == (0xFF, 0xD9) }
    }
}
