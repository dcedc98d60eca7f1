import Fleet
import Foundation
import Media
import Synchronization
import Telemetry

/// Tells how far a render is, on standard error: a bar that is drawn over itself in a terminal, a line now and then
/// elsewhere.
final class RenderBar: Sendable {
    private struct State {
        var told = -1
        var isDrawn = false
    }

    private let isTerminal: Bool
    private let frameRate: Int
    private let columns: Int
    private let state = Mutex(State())
    private let write: @Sendable (String) -> Void

    init(
        frameRate: Int, isTerminal: Bool = isatty(2) == 1, columns: Int = Terminal.columns,
        write: @escaping @Sendable (String) -> Void = { writeToStandardError($0) }
    ) {
        (self.frameRate, self.isTerminal, self.columns, self.write) = (frameRate, isTerminal, columns, write)
    }

    func show(_ progress: RenderProgress) {
        state.withLock { state in
            if isTerminal {
                write("\r\u{1B}[2K" + line(progress))
                state.isDrawn = true
            } else {
                // Ten lines for a video, however long.
                let tenth = Int(progress.fraction * 10)
                guard tenth > state.told else { return }
                state.told = tenth
                write(text(progress) + "\n")
            }
        }
    }

    /// What was going on before there are frames to count.
    func say(_ words: String) {
        state.withLock { state in
            write(isTerminal ? "\r\u{1B}[2K\(clipped(words, to: columns - 1))" : words + "\n")
            state.isDrawn = isTerminal
        }
    }

    /// Leaves an empty line behind.
    func clear() {
        state.withLock { state in
            if state.isDrawn { write("\r\u{1B}[2K") }
            state.isDrawn = false
        }
    }

    private func line(_ progress: RenderProgress) -> String {
        let text = text(progress)
        let room = min(40, columns - displayWidth(text) - 4)
        guard room >= 8 else { return clipped(text, to: columns - 1) }
        let full = Int((Double(room) * progress.fraction).rounded(.down))
        return String(repeating: "█", count: full) + String(repeating: "░", count: room - full) + "  " + text
    }

    /// ` 43 %  2.9× realtime  0:21 left`
    private func text(_ progress: RenderProgress) -> String {
        let percent = Int(progress.fraction * 100)
        var text = "\(percent < 10 ? "  " : percent < 100 ? " " : "")\(percent) %"
        guard progress.speed > 0 else { return text }
        text += "  \(progress.speed.formatted(decimals: 1))× realtime"
        let left = Double(progress.framesTotal - progress.framesDone) / Double(frameRate) / progress.speed
        return text + "  \(Phrases.length(left)) left"
    }
}
