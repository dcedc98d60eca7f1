import Blocking
import Glibc
import NIOCore

/// Reads a part of a file piece by piece, on a thread of its own.
actor FileSource {
    private let executor = BlockingExecutor(label: "http file")
    private let descriptor: Int32
    private let path: String
    private var position: Int64
    private let end: Int64

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `FileTrouble`
    init(path: String, range: Range<Int64>) throws {
        (self.path, position, end) = (path, range.lowerBound, range.upperBound)
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw FileTrouble(path: path, what: "opened", number: errno) }
    }

    isolated deinit { close(descriptor) }

    /// The next piece; nil at the end of the part.
    func next() throws -> ByteBuffer? {
        let count = Int(min(end - position, Int64(Self.piece)))
        guard count > 0 else { return nil }
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let (descriptor, position) = (descriptor, position)
        let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            max(pread(descriptor, bytes.baseAddress, count, off_t(position)), 0)
        }
        // A file that became shorter than the length that was promised can't be sent any more.
        guard read > 0 else { throw FileTrouble(path: path, what: "read to its end", number: errno) }
        self.position += Int64(read)
        return buffer
    }

    private static let piece = 256 << 10
}

/// Writes what comes into a new file, on a thread of its own.
actor FileSink {
    private let executor = BlockingExecutor(label: "http file")
    private let descriptor: Int32
    private let path: String

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Throws: `FileTrouble`
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw FileTrouble(path: path, what: "created", number: errno) }
    }

    isolated deinit { close(descriptor) }

    func write(_ buffer: ByteBuffer) throws {
        let (descriptor, path) = (descriptor, path)
        try buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let written = Glibc.write(descriptor, part.baseAddress, part.count)
                guard written > 0 else {
                    if errno == EINTR { continue }
                    throw FileTrouble(path: path, what: "written", number: errno)
                }
                rest = rest.dropFirst(written)
            }
        }
    }
}

/// A file on our side that failed in the middle of a call.
struct FileTrouble: Error, CustomStringConvertible {
    let path: String
    let what: String
    let number: Int32

    var description: String { "\(path) can't be \(what): \(String(cString: strerror(number)))" }
}

/// The pieces of a part of a file, for a request's body.
struct FilePieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let source: FileSource
    let handedOver: @Sendable (Int) -> Void

    struct AsyncIterator: AsyncIteratorProtocol {
        let source: FileSource
        let handedOver: @Sendable (Int) -> Void

        mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await source.next() else { return nil }
            handedOver(piece.readableBytes)
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source, handedOver: handedOver) }
}
