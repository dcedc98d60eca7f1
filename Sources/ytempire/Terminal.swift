import Foundation

/// What standard output is.
enum Terminal {
    static var isOutput: Bool { isatty(1) == 1 }
    static var isInput: Bool { isatty(0) == 1 }

    /// The width of prose; 80 where nobody says, so that what is kept or mailed can be read anywhere.
    static var columns: Int { width() ?? 80 }

    /// The width of tables. Nothing is cut for a program that reads, or for a file.
    static var tableColumns: Int { width() ?? .max }

    /// The width asked for by `COLUMNS`, else the terminal's; nil without either.
    static func width(
        _ environment: [String: String] = ProcessInfo.processInfo.environment, window: winsize? = Terminal.window
    ) -> Int? {
        if let asked = environment["COLUMNS"].flatMap({ Int($0) }), (20...10_000).contains(asked) { return asked }
        return window.flatMap { $0.ws_col >= 20 ? Int($0.ws_col) : nil }
    }

    /// For a full screen.
    static var size: (columns: Int, rows: Int) {
        let window = window
        return (
            window.flatMap { $0.ws_col >= 20 ? Int($0.ws_col) : nil } ?? columns,
            window.flatMap { $0.ws_row >= 5 ? Int($0.ws_row) : nil } ?? 24
        )
    }

    static var window: winsize? {
        var size = winsize()
        return ioctl(1, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }

    /// Ends this program, as SIGPIPE would, as soon as whoever reads its output through a pipe has gone: NIO has that
    /// signal ignored, and a command that follows something may have nothing to write for hours. For commands that only
    /// look.
    static func endWithReader() {
        var status = stat()
        guard fstat(1, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) else { return }
        // A thread of its own, because it waits for as long as the program runs.
        Thread.detachNewThread {
            var output = pollfd(fd: 1, events: 0, revents: 0)
            while poll(&output, 1, -1) >= 0 || errno == EINTR {
                guard Int32(output.revents) & (POLLERR | POLLHUP | POLLNVAL) != 0 else { continue }
                signal(SIGPIPE, SIG_DFL)
                raise(SIGPIPE)
            }
        }
    }

    /// The next line that a person types, without its end; nil at the end of input. Waits on a thread of its own.
    static func line() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }
}

/// The text, at most so many columns wide; what is cut off leaves an ellipsis.
func clipped(_ text: String, to columns: Int) -> String {
    guard displayWidth(text) > columns else { return text }
    return columns > 0 ? head(of: text, columns - 1) + "…" : ""
}

/// The text, at most so many columns wide; its middle is cut out: the end of a path or of an error tells more.
func clippedInMiddle(_ text: String, to columns: Int) -> String {
    guard displayWidth(text) > columns, columns > 4 else { return clipped(text, to: columns) }
    let first = (columns - 1) / 3
    let end = String(head(of: String(text.reversed()), columns - 1 - first).reversed())
    return head(of: text, first) + "…" + end
}

/// As much of its beginning as fits.
private func head(of text: String, _ columns: Int) -> String {
    var (head, width) = ("", 0)
    for character in text {
        width += displayWidth(String(character))
        guard width <= columns else { break }
        head.append(character)
    }
    return head
}
