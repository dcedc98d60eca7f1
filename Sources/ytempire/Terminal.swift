import Foundation

/// What standard output is.
enum Terminal {
    static var isOutput: Bool { isatty(1) == 1 }
    static var isInput: Bool { isatty(0) == 1 }

    /// The terminal's width; 80 where there is none, so that what is kept or mailed can be read anywhere.
    static var columns: Int { size.columns }

    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20, size.ws_row >= 5 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
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
    var (clipped, width) = ("", 0)
    for character in text {
        let more = displayWidth(String(character))
        guard width + more < columns else { break }
        clipped.append(character)
        width += more
    }
    return columns > 0 ? clipped + "…" : ""
}
