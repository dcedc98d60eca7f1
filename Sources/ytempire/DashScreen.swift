import Dispatch
import Foundation
import Synchronization

/// The terminal as a full screen: the alternate one, without echo and cursor. What it was before is restored once,
/// however the program ends, short of kill -9.
final class DashScreen: Sendable {
    private let before: termios
    private let colour: Bool
    private let isRestored = Mutex(false)
    private let sources = Mutex<[any DispatchSourceSignal]>([])

    init(colour: Bool) throws {
        self.colour = colour
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENOTTY) }
        before = settings
        // Keys one by one, unseen; Ctrl-C is a key like the others. Output stays as it was.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        settings.c_iflag &= ~tcflag_t(IXON | ICRNL)
        guard tcsetattr(0, TCSANOW, &settings) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Listens until the program ends.
    ///
    /// - Parameters:
    ///   - keys: hears what is typed; nil once there is nobody to type any more.
    ///   - ended: hears SIGINT, SIGTERM and SIGHUP.
    func listen(
        keys: @escaping @Sendable ([UInt8]?) -> Void, resized: @escaping @Sendable () -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        for (number, heard) in [
            (SIGWINCH, resized), (SIGINT, ended), (SIGTERM, ended), (SIGHUP, ended),
        ] {
            signal(number, SIG_IGN)  // the source hears it all the same
            sources.withLock { sources in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler(handler: heard)
                source.resume()
                sources.append(source)
            }
        }
        // A thread of its own, because it waits for a person; it ends with the program.
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 64)
            while true {
                let count = read(0, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return keys(nil) }
                keys(Array(buffer[..<count]))
            }
        }
    }

    func draw(_ lines: [DashLine], _ columns: Int) {
        let text = lines.map { $0.rendered(columns: columns, colour: colour) + "\u{1B}[K" }.joined(separator: "\r\n")
        write("\u{1B}[H" + text + "\u{1B}[J")
    }

    func restore() {
        guard
            !isRestored.withLock({ was in
                defer { was = true }
                return was
            })
        else { return }
        write("\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        _ = tcsetattr(0, TCSANOW, &settings)
    }

    private func write(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }
}
