import Foundation
import Testing

@testable import Coordinator

@Suite struct `A tick's report` {
    @Test func `is silent when there was nothing to do, so that cron sends no mail`() {
        var report = TickReport()
        report.promoted = 3
        #expect(report.text == "")
    }

    @Test func `tells what was opened`() {
        var report = TickReport()
        report.opened = [.init(job: 7, user: "anna", channel: "Light", day: "2026-03-02")]
        #expect(report.text == "Opened 2026-03-02 for 1 user:\n  anna on Light (job 7)\n")
        report.opened.append(.init(job: 8, user: "ben", channel: "Bees", day: "2026-03-01"))
        #expect(report.text.hasPrefix("Opened 2026-03-01, 2026-03-02 for 2 users:\n"))
    }

    @Test func `cuts a long list short`() {
        var report = TickReport()
        report.opened = (Int64(1)...25).map { .init(job: $0, user: "user", channel: "c", day: "2026-03-02") }
        let lines = report.text.split(separator: "\n")
        #expect(lines.count == 22)
        #expect(lines.last == "  and 5 more")
    }

    @Test func `lists no more than a thousand, and counts all`() {
        var report = TickReport()
        let page = (Int64(1)...700).map { TickReport.Opened(job: $0, user: "u", channel: "c", day: "2026-03-02") }
        for _ in 0..<3 { report.add(Tick.Page(opened: page, dispatchFailure: "dispatch: Redis is away")) }
        #expect(report.opened.count == 1_000 && report.openedUnlisted == 1_100)
        #expect(report.text.hasPrefix("Opened 2026-03-02 for 2100 users:\n"))
        #expect(report.text.contains("  and 2080 more\n"))
        #expect(report.failures == ["dispatch: Redis is away"])
    }

    @Test func `of a preview promises nothing`() {
        var report = TickReport(isPreview: true)
        #expect(report.text == "No user is due.\n")
        report.opened = [.init(job: nil, user: "anna", channel: "Light", day: "2026-03-02")]
        #expect(report.text == "Would open 2026-03-02 for 1 user:\n  anna on Light\n")
    }

    @Test func `tells what was put right, in numbers that agree`() {
        var report = TickReport()
        (report.reconciled, report.inDoubt, report.deleted) = (1, 1, 2)
        #expect(
            report.text == """
                Dispatched again 1 job that Redis had lost or never heard of.
                1 paid call of lost outcome put into the ledger in doubt.
                Removed 2 artifacts that retention let go.

                """)
    }

    @Test func `notes a duty that failed, and does the others`() async throws {
        struct Away: Error, CustomStringConvertible { let description = "Redis is away" }
        var report = TickReport()
        await report.note("promote") { _ in throw Away() }
        await report.note("reconcile") { $0.reconciled = 2 }
        #expect(report.failures == ["promote: Redis is away"])
        #expect(report.text.contains("Failed, the next run tries again: promote: Redis is away\n"))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(report.json().utf8)) as? [String: Any])
        #expect(json["reconciled"] as? Int == 2)
    }
}
