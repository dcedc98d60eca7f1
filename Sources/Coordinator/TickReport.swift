import Foundation

/// What a run of the coordinator did: for a cron mail, or for a program.
struct TickReport: Sendable, Codable {
    struct Opened: Sendable, Codable {
        var job: Int64?
        var user: String
        var channel: String
        var day: String
    }

    /// How many openings are listed one by one.
    static let listed = 1_000

    var isPreview = false
    var opened: [Opened] = []
    /// Opened besides those that are listed.
    var openedUnlisted = 0
    var promoted = 0
    var reconciled = 0
    /// Paid calls whose makers died: by the answer that was kept, or in doubt.
    var settled = 0
    var inDoubt = 0
    var deleted = 0
    /// What could not be done, and is done by the next run or by the workers.
    var failures: [String] = []

    init(isPreview: Bool = false) { self.isPreview = isPreview }

    /// Does one duty; its failure is no reason to leave out the others.
    mutating func note(_ duty: String, _ body: (inout TickReport) async throws -> Void) async {
        do {
            try await body(&self)
        } catch {
            failures.append("\(duty): \(error)")
        }
    }

    /// Adds a page of openings. The list stays short, however many users there are.
    mutating func add(_ page: Tick.Page) {
        let room = max(0, Self.listed - opened.count)
        opened += page.opened.prefix(room)
        openedUnlisted += max(0, page.opened.count - room)
        if let failure = page.dispatchFailure, !failures.contains(failure) { failures.append(failure) }
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// Nothing when there was nothing to do, so that cron sends no mail.
    var text: String {
        var lines: [String] = []
        if !opened.isEmpty {
            let days = Set(opened.map(\.day)).sorted().joined(separator: ", ")
            lines.append(
                "\(isPreview ? "Would open" : "Opened") \(days) for \(count(opened.count + openedUnlisted, "user")):")
            lines += opened.prefix(20).map { opened in
                "  \(opened.user) on \(opened.channel)" + (opened.job.map { " (job \($0))" } ?? "")
            }
            let rest = opened.count + openedUnlisted - 20
            if rest > 0 { lines.append("  and \(rest) more") }
        } else if isPreview {
            lines.append("No user is due.")
        }
        if reconciled > 0 {
            lines.append("Dispatched again \(count(reconciled, "job")) that Redis had lost or never heard of.")
        }
        if settled > 0 { lines.append("\(count(settled, "paid call")) settled by the answer that was kept.") }
        if inDoubt > 0 { lines.append("\(count(inDoubt, "paid call")) of lost outcome put into the ledger in doubt.") }
        if deleted > 0 { lines.append("Removed \(count(deleted, "artifact")) that retention let go.") }
        lines += failures.map { "Failed, the next run tries again: \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
