package import FoundationEssentials
package import Logging
import Synchronization

/// One line an event on standard error: time in UTC, level, event, then `key=value`, quoted where it must be. A line is
/// written by one call, so lines of several threads never mix; control characters are escaped, so a text from outside
/// can't forge a line.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let isJournal: Bool
    private let output: @Sendable (String) -> Void
    private let now: @Sendable () -> Date
    private let clock = LineClock()

    /// - Parameter isJournal: lines go to systemd's journal, which keeps the time itself and wants the level as a prefix.
    package init(
        level: Logger.Level, isJournal: Bool = false, now: @escaping @Sendable () -> Date = { Date() },
        output: @escaping @Sendable (String) -> Void = writeToStandardError
    ) {
        (logLevel, self.isJournal, self.now, self.output) = (level, isJournal, now, output)
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        var line = isJournal ? Journal.prefix(of: event.level) : "\(clock.text(of: now())) \(event.level) "
        line += Self.escaped("\(event.message)")
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(Self.quoted("\(value)"))" }
        output(line + "\n")
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "="), UInt8(ascii: "\\"): false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    private static func escaped(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where isControl(scalar):
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Also what some terminals and editors take for a new line.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func quoted(_ text: String) -> String {
        // Most are numbers and short words.
        if !text.isEmpty, text.utf8.allSatisfy(isWordByte) { return text }
        let isPlain = text.unicodeScalars.allSatisfy {
            $0 != " " && $0 != "\"" && $0 != "=" && $0 != "\\" && !isControl($0)
        }
        guard text.isEmpty || !isPlain else { return text }
        // The backslash first: it is what the others are written with.
        return "\"\(escaped(text.replacing("\\", with: "\\\\")).replacing("\"", with: "\\\""))\""
    }
}

/// Writes whole lines to file descriptor 2, whatever standard error is.
@Sendable package func writeToStandardError(_ line: String) {
    Descriptor.writeWhole(Array(line.utf8), to: 2)
}
