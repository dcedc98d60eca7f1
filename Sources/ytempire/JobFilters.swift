import ArgumentParser
import Ledger
import Production

/// Which jobs are meant, by what they are.
struct JobFilters: ParsableArguments {
    @Option(help: "\(JobState.allCases.map(\.rawValue).joined(separator: ", ")).") var state: JobState?
    @Option(help: "script, voice, render or upload.") var stage: Production.Stage?
    @Option(help: "The user's name.") var user: String?
    @Option(help: "The channel's name or slug.") var channel: String?
    @Option(
        help: ArgumentHelp("The production day; also today, yesterday.", valueName: DayChoice.shape),
        transform: DayChoice.read)
    var day: DayChoice?
    @Option(help: ArgumentHelp("A part of its last error, in any case.", valueName: "text")) var error: String?

    var isEmpty: Bool { typed.isEmpty }

    /// As it was typed, for the audit.
    var typed: String {
        let parts: [(String, String?)] = [
            ("state", state?.rawValue), ("stage", stage?.rawValue), ("user", user), ("channel", channel),
            ("day", day?.typed), ("error", error),
        ]
        return parts.compactMap { name, value in value.map { "--\(name) \($0.contains(" ") ? "'\($0)'" : $0)" } }
            .joined(separator: " ")
    }

    /// - Throws: `LedgerError(.notFound)`, naming the nearest, if there is no such user or channel.
    func resolved(by ledger: Ledger) async throws -> Ledger.JobFilter {
        // Looked up first: a name that is not there is told.
        let user: String? = if let user { try await ledger.user(named: user).name } else { nil }
        var channels: [Channel.ID]?
        if let channel {
            let meant = try await ledger.channels(like: channel, user: user)
            guard !meant.isEmpty else {
                let known = try await ledger.channelNames(of: user)
                throw LedgerError(
                    .notFound, noSuch("channel", channel, among: known, seeing: "ytempire channel list"))
            }
            channels = meant
        }
        let day: String? = if let day { try await day.text(by: ledger) } else { nil }
        return Ledger.JobFilter(state: state, stage: stage, user: user, channels: channels, day: day, error: error)
    }
}
