import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct `A log line` {
    /// What is written, at a fixed time.
    private final class Page: Sendable {
        private let text = Mutex("")
        var written: String { text.withLock { $0 } }

        func logger(level: Logger.Level = .info) -> Logger {
            Logger(label: "test") { _ in
                LineLogHandler(
                    level: level, now: { Date(timeIntervalSince1970: 1_000_000_000.25) },
                    output: { line in self.text.withLock { $0 += line } })
            }
        }
    }

    @Test func `is time, level, event, and what belongs to it in order`() {
        let page = Page()
        var logger = page.logger()
        logger[metadataKey: "worker"] = "render-1"
        logger.notice("attempt begun", metadata: ["job": "7", "attempt": "2"])
        #expect(page.written == "2001-09-09T01:46:40.250Z notice attempt begun attempt=2 job=7 worker=render-1\n")
    }

    @Test func `is left out below its level`() {
        let page = Page()
        page.logger(level: .warning).info("nothing")
        #expect(page.written == "")
    }

    @Test func `overrides what the logger has with what the event has`() {
        let page = Page()
        var logger = page.logger()
        logger[metadataKey: "job"] = "1"
        logger.info("x", metadata: ["job": "2"])
        #expect(page.written.hasSuffix(" x job=2\n"))
    }

    @Test(arguments: [
        ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""),
        ("say \"hi\"", "\"say \\\"hi\\\"\""),
        ("größe→🗼", "größe→🗼"), ("a\nb", "\"a\\nb\""), ("a\r\nb\tc", "\"a\\r\\nb\\tc\""),
        ("\u{1B}[2J", "\"\\u{1b}[2J\""),
        // Next line, and the one-byte form of ESC [, which some terminals obey.
        ("a\u{85}b", "\"a\\u{85}b\""), ("\u{9B}2J", "\"\\u{9b}2J\""), ("a\u{2028}b", "\"a\\u{2028}b\""),
        // A backslash can't undo the quote behind it.
        ("C:\\", "\"C:\\\\\""), ("x\\\" job=9", "\"x\\\\\\\" job=9\""),
    ])
    func `holds any value in one word`(_ value: String, _ written: String) {
        let page = Page()
        page.logger().info("event", metadata: ["error": "\(value)"])
        #expect(page.written == "2001-09-09T01:46:40.250Z info event error=\(written)\n")
    }

    @Test func `is one line whatever its event is`() {
        let page = Page()
        page.logger().info("a\n2001-09-09T01:46:40Z critical forged\u{85}\u{2029}")
        #expect(page.written.split(whereSeparator: \.isNewline).count == 1)
    }
}
