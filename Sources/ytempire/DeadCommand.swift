import ArgumentParser
import Fleet
import Ledger
import Production

struct DeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead", abstract: "Dead letters: jobs that need a person, by cause.",
        discussion: """
            Jobs that failed for good, used up their tries, or killed three workers. They stay, with their whole history, \
            until you retry or drop them.

              ytempire dead list                      what is wrong, each cause once
              ytempire dead show 3fa2c1               one cause, or one job
              ytempire dead retry --cause 3fa2c1      once it is mended
              ytempire dead drop 17 --reason "old"    give it up
            """,
        subcommands: [List.self, Show.self, Retry.self, Drop.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show dead letters by cause: how many, since when, what to do.",
            discussion: """
                Errors that differ only in numbers and ids are one cause; a status (HTTP 401) and a name (gpt-5-mini) are no \
                such numbers.
                """)

        @Option(help: "script, voice, render or upload.") var stage: Production.Stage?
        @Option(help: "The user's name.") var user: String?
        @Option(help: "The channel's name.") var channel: String?
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let user: String? = if let user { try await ledger.user(named: user).name } else { nil }
            let filter = Ledger.JobFilter(stage: stage, user: user, channel: channel)
            try show(await services.ledger.deadLetterGroups(filter)) { groups in
                guard !groups.isEmpty else { return "Nothing is dead.\n" }
                let total = groups.map(\.count).reduce(0, +)
                var lines = [
                    "\(total) dead \(total == 1 ? "letter" : "letters"), \(groups.count) \(groups.count == 1 ? "cause" : "causes").",
                    "",
                ]
                for group in groups {
                    lines += group.summary(clock: services.clock)
                    lines.append("")
                }
                lines += wrapped(
                    "`ytempire dead show CAUSE` shows one whole, `ytempire job log JOB` a job's story.", indent: 0)
                return lines.joined(separator: "\n") + "\n"
            }
        }
    }

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one cause whole with its jobs, or one dead letter's story.")

        @Argument(help: "A cause (six letters and digits, from `dead list`), or a job's number.") var what: String
        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var group: DeadLetterGroup
            var jobs: [JobReport]
        }

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            // A cause may consist of digits alone: it comes first.
            if let group = try await ledger.deadLetterGroups(Ledger.JobFilter(cause: what)).first {
                let jobs = try await ledger.jobs(Ledger.JobFilter(states: [.dead], cause: what), limit: 50)
                try show(Shown(group: group, jobs: jobs)) { shown in
                    let clock = services.clock
                    var lines = shown.group.summary(clock: clock)
                    if let error = shown.group.example {
                        lines.append("")
                        lines += wrapped(error.asked, indent: 12, first: "  asked     ")
                        lines += wrapped(error.answer, indent: 12, first: "  answered  ")
                        lines += wrapped(error.next, indent: 12, first: "  next      ")
                    }
                    return lines.joined(separator: "\n") + "\n\n" + jobTable(shown.jobs, clock: clock).text
                }
                return
            }
            guard let number = JobNumber(argument: what) else { throw try await noSuchCause(what, in: ledger) }
            let story = try await JobStory(of: number.id, from: services)
            try show(story) {
                ($0.job.state == .dead ? "" : "Job \($0.job.id) is not dead but \($0.job.state.rawValue).\n")
                    + $0.text(services.clock)
            }
        }
    }

    /// Which dead letters.
    struct Filters: ParsableArguments {
        @Option(help: ArgumentHelp("All of one cause, as `dead list` names it.", valueName: "cause")) var cause: String?
        @OptionGroup var job: JobFilters

        func validate() throws {
            guard job.state == nil || job.state == .dead else {
                throw ValidationError("These are dead letters: --state can't be anything else. See `ytempire job`.")
            }
        }
    }

    struct Retry: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try dead letters again where they died. Their tries begin anew, their history stays.",
            discussion: """
                Examples:
                  ytempire dead retry 17
                  ytempire dead retry --cause 3fa2c1 --reason "feed is back"
                  ytempire dead retry --state dead            all of them
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which dead letters") var filters: Filters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters.job, cause: filters.cause) }

        func run(with services: FleetServices) async throws {
            try await act(
                .retry, named: jobs, filters: filters.job, cause: filters.cause, states: [.dead], hand: hand,
                action: "dead retry", with: services)
        }
    }

    struct Drop: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give dead letters up: they end as cancelled. Their history stays.",
            discussion: """
                Examples:
                  ytempire dead drop 17 --reason "feed is gone for good"
                  ytempire dead drop --cause 3fa2c1 --dry-run
                """)

        @Argument(help: "Jobs' numbers.") var jobs: [JobNumber] = []
        @OptionGroup(title: "Which dead letters") var filters: Filters
        @OptionGroup(title: "How") var hand: Hand
        @OptionGroup var options: CommandOptions

        func validate() throws { try validate(jobs, filters.job, cause: filters.cause) }

        func run(with services: FleetServices) async throws {
            try await act(
                .drop, named: jobs, filters: filters.job, cause: filters.cause, states: [.dead], hand: hand,
                action: "dead drop", with: services)
        }
    }
}

extension DeadLetterGroup {
    /// What is wrong, how often, since when, and what to do.
    func summary(clock: FleetClock) -> [String] {
        let named = zip(jobs, jobUsers).prefix(8).map { "\($0) (\($1))" }.joined(separator: ", ")
        let more = count > 8 ? " and \(count - 8) more, of \(users) \(users == 1 ? "user" : "users")" : ""
        var lines = wrapped(
            "\(count) at \(stage.rawValue), by \(Phrases.provider(provider)): \(pattern)", indent: 8,
            first: "\(cause)  ")
        lines += wrapped("\(count == 1 ? "job" : "jobs") \(named)\(more)", indent: 8)
        lines += wrapped(
            oldest == newest
                ? "died \(clock.moment(newest))"
                : "newest \(clock.moment(newest)), oldest \(clock.moment(oldest))", indent: 8)
        lines += wrapped(advice, indent: 10, first: "        → ")
        return lines
    }

    /// What most likely helps, by what was answered.
    var advice: String {
        let text = (example.map { "\($0.asked) \($0.answer) \($0.next)" } ?? pattern).lowercased()
        let again = "then `ytempire dead retry --cause \(cause)`."
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("killed three workers", "the worker died") {
            return
                "It kills its worker: look at that one's log before you retry, or `ytempire dead drop --cause \(cause)`."
        }
        if let key = refusedKey {
            return "Mend the key (\(key)) and restart the \(stage.rawValue) workers, \(again)"
        }
        if says("no space left", "disk full", "quota exceeded") {
            return "Make room (`ytempire doctor` shows where), \(again)"
        }
        if says("permission denied", "read-only file system", "not writable") {
            return "Let the workers' user write there (`ytempire doctor`), \(again)"
        }
        if says("is a file, not a folder") { return "Move that file away, \(again)" }
        if says("time limit") { return "Raise \(stage.rawValue).time-limit, or find what is slow, \(again)" }
        if isAboutSource {
            return
                "Look at the channel's source (`ytempire channel list`, `ytempire channel edit USER CHANNEL --source …`), \(again)"
        }
        if says("artifact") { return "Make it again: `ytempire job redo JOB --from script`." }
        return "`ytempire job log \(jobs.first ?? 0)` tells what happened. Mend it, \(again)"
    }

    /// Scripts fail at their source or at whoever writes them, in one provider's name: what was asked tells which.
    private var isAboutSource: Bool {
        guard stage == .script, let asked = example?.asked else { return false }
        return asked.hasPrefix("read the source") || asked.contains("from the source of channel")
    }

    /// The name of the key that was refused; nil if it was something else.
    private var refusedKey: String? {
        guard let example, !isAboutSource, !example.answer.contains("quota_exceeded"),
            example.answer.firstMatch(of: /(^|\b(HTTP|status) )40[13]\b/) != nil
        else { return nil }
        return switch example.provider {
        case "openai", "elevenlabs": "\(example.provider).key"
        case "pexels", "unsplash", "pixabay": "stock.\(example.provider).key"
        default: nil
        }
    }
}
