import Foundation
import Synchronization
import TestServers

/// A program in a terminal of its own: what is typed goes in, what is drawn comes out.
final class TerminalRun: Sendable {
    private let main: Int32
    private let side: FileHandle
    private let process: Mutex<Process>
    private let exits: AsyncStream<Int32>
    private let chunks: AsyncStream<[UInt8]>
    private let drawn = Mutex("")
    private let id: Int32

    init(_ program: String, _ arguments: [String], in folder: URL, columns: UInt16 = 80, rows: UInt16 = 24) throws {
        // By hand: Glibc's module shows posix_openpt and its like only to those who ask for X/Open.
        let (getNumber, setLock) = (UInt(0x8004_5430), UInt(0x4004_5431))
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (unlocked, number) = (Int32(0), Int32(0))
        guard main >= 0, ioctl(main, setLock, &unlocked) == 0, ioctl(main, getNumber, &number) == 0 else {
            throw ServerError("no pseudo-terminal: errno \(errno)")
        }
        let path = "/dev/pts/\(number)"
        let side = open(path, O_RDWR | O_NOCTTY)
        guard side >= 0 else { throw ServerError("\(path) can't be opened: errno \(errno)") }
        (self.main, self.side) = (main, FileHandle(fileDescriptor: side, closeOnDealloc: true))
        let process = Process()
        process.executableURL = URL(filePath: try Programs.path(program))
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm"]
        process.currentDirectoryURL = folder
        (process.standardInput, process.standardOutput) = (self.side, self.side)
        process.standardError = FileHandle.nullDevice
        let (exits, exit) = AsyncStream.makeStream(of: Int32.self)
        self.exits = exits
        process.terminationHandler = { exit.yield($0.terminationStatus) }
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
        try process.run()
        id = process.processIdentifier
        self.process = Mutex(process)
        let (chunks, chunk) = AsyncStream.makeStream(of: [UInt8].self)
        self.chunks = chunks
        // A thread of its own, because it blocks; it ends when the terminal is closed.
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while case let count = read(main, &buffer, buffer.count), count > 0 { chunk.yield(Array(buffer[..<count])) }
            chunk.finish()
        }
    }

    func type(_ text: String) { _ = text.withCString { write(main, $0, strlen($0)) } }

    func signal(_ number: Int32) { _ = kill(id, number) }

    func resize(columns: UInt16, rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(main, UInt(TIOCSWINSZ), &size)
        // It is not the terminal's session leader, so nobody else tells it.
        signal(SIGWINCH)
    }

    /// Everything drawn, once it holds this text after what was drawn at the call before. Throws when the terminal ends.
    @discardableResult
    func until(_ part: String) async throws -> String {
        let start = drawn.withLock(\.count)
        for await chunk in chunks {
            let text = drawn.withLock { all in
                all += String(decoding: chunk, as: UTF8.self)
                return String(all.dropFirst(start))
            }
            if text.contains(part) { return text }
        }
        throw ServerError("\"\(part)\" was not drawn, but: \(drawn.withLock { $0.suffix(2_000) })")
    }

    /// The terminal's settings, which a program may change and must restore.
    var settings: [tcflag_t] {
        var settings = termios()
        _ = tcgetattr(main, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_lflag]
    }

    /// Waits for its end.
    func exited() async -> Int32 {
        for await status in exits { return status }
        signal(SIGKILL)
        return -1
    }
}
