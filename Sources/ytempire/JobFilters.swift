import ArgumentParser
import Fleet
import Ledger
import Production

/// Which jobs are meant, by what they are.
struct JobFilters: ParsableArguments {
    @Option(help: "\(JobState.allCases.map(\.rawValue).joined(separator: ", ")).") var state: JobState?
    @Option(help: "script, voice, render or upload.") var stage: Production.Stage?
    @Option(help: "The user's name.") var user: String?
    @Option(help: "The channel's name.") var channel: String?
    @Option(help: ArgumentHelp("The production day.", valueName: "YYYY-MM-DD")) var day: ProductionDay?
    @Option(help: ArgumentHelp("A part of its last error, in any case.", valueName: "text")) var error: String?

    var isEmpty: Bool { typed.isEmpty }

    /// As it was typed, for the audit.
    var typed: String {
        let parts: [(String, String?)] = [
            ("state", state?.rawValue), ("stage", stage?.rawValue), ("user", user), ("channel", channel),
            ("day", day?.text), ("error", error),
        ]
        return parts.compactMap { name, value in value.map { "--\(name) \($0.contains(" ") ? "'\($0)'" : $0)" } }
            .joined(separator: " ")
    }

    /// - Throws: `LedgerError(.notFound)`, naming the nearest, if there is no such user or channel.
    func resolved(by ledger: Ledger) async throws -> Ledger.JobFilter {
        if let user, try await !ledger.users().contains(where: { $0.name == user }) {
            throw LedgerError(.notFound, noSuch("user", user, among: try await ledger.users().map(\.name)))
        }
        if let channel, try await !ledger.hasChannel(named: channel, user: user) {
            throw LedgerError(.notFound, noSuch("channel", channel, among: try await ledger.channelNames()))
        }
        return Ledger.JobFilter(
            state: state, stage: stage, user: user, channel: channel, day: day?.text, error: error)
    }
}

/// `There is no user anan. Did you mean anna? …`
func noSuch(_ what: String, _ name: String, among known: [String]) -> String {
    let list = what == "worker" ? "`ytempire worker list` shows them all." : "`ytempire \(what) list` shows them all."
    let near = known.min { ($0.distance(to: name), $0) < ($1.distance(to: name), $1) }
    guard let near, near.distance(to: name) <= max(2, name.count / 2) else {
        return "There is no \(what) \(name). \(list)"
    }
    return "There is no \(what) \(name). Did you mean \(near)? \(list)"
}
