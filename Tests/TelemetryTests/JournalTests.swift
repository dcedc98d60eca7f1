import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct `Lines for systemd's journal` {
    @Test(arguments: [
        (Logger.Level.critical, "<2>"), (.error, "<3>"), (.warning, "<4>"), (.notice, "<5>"), (.info, "<6>"),
        (.debug, "<7>"), (.trace, "<7>"),
    ])
    func `begin with their priority, and leave the time to it`(_ level: Logger.Level, _ prefix: String) {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLogHandler(level: .trace, isJournal: true, output: { line in lines.withLock { $0.append(line) } })
        }
        logger.log(level: level, "job finished", metadata: ["job": "7"])
        #expect(lines.withLock { $0 } == ["\(prefix)job finished job=7\n"])
    }

    @Test func `are written only where standard error is the journal's`() throws {
        var status = stat()
        try #require(fstat(2, &status) == 0)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(Journal.hasStandardError(["JOURNAL_STREAM": own]))
        // Inherited by a program whose standard error somebody has redirected.
        #expect(!Journal.hasStandardError(["JOURNAL_STREAM": "1:\(status.st_ino &+ 1)"]))
        #expect(!Journal.hasStandardError([:]))
    }
}
