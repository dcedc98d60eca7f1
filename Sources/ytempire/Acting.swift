import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

/// How something is done by hand.
struct Hand: ParsableArguments {
    @Flag(help: "Only show what would be done.") var dryRun = false
    @Flag(name: [.customLong("yes"), .customShort("y")], help: "Don't ask. Needed without a terminal.") var yes = false
    @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
}

/// What a command that changes jobs prints with `--json`.
struct ActReport: Encodable {
    /// `retry`, `cancel`, `redo --from render`, `drop`, `approve`, `reject`
    var action: String
    var dryRun: Bool
    /// How many jobs were meant.
    var matched: Int
    /// Those that were changed, or would be.
    var done: [Int64]
    /// The others, each with why.
    var refused: [InterventionReport.Refusal]
    var reason: String
}

extension FleetCommand {
    /// Does something to jobs: to those that were named, without asking; or to all that a filter matches, telling first
    /// how many, and asking.
    ///
    /// - Parameters:
    ///   - action: the command's words, for the audit.
    ///   - states: what a filter without a state selects; by default those in which it may make sense.
    func act(
        _ intervention: Intervention, named: [JobNumber], filters: JobFilters, cause: String? = nil,
        states: [JobState]? = nil, hand: Hand, action: String, with services: FleetServices
    ) async throws {
        let ledger = services.ledger
        let ids: [Job.ID]
        let isNamed = !named.isEmpty
        if isNamed {
            ids = named.map(\.id)
            for id in ids { _ = try await ledger.job(id) }
        } else {
            var filter = try await filters.resolved(by: ledger)
            filter.cause = cause
            if filter.state == nil { filter.states = states ?? intervention.states }
            ids = try await ledger.jobNumbers(filter)
            if let cause, ids.isEmpty, try await ledger.deadLetterGroups(Ledger.JobFilter(cause: cause)).isEmpty {
                throw try await noSuchCause(cause, in: ledger)
            }
            if !options.json { print(try await preview(intervention, filter, ids, with: services), terminator: "") }
        }
        let dry = hand.dryRun
        let asked = ([cause.map { "--cause \($0)" }, filters.typed].compactMap(\.self)).filter { !$0.isEmpty }
        let note = Operator.current().note(
            action, (isNamed ? ids.map { "\($0)" } : asked).joined(separator: " "), reason: hand.reason)
        let report: InterventionReport
        if dry {
            report = try await ledger.weigh(intervention, on: ids)
        } else {
            if !isNamed, !ids.isEmpty {
                let jobs = ids.count == 1 ? "this job" : "these \(ids.count) jobs"
                try await confirm("\(intervention.question) \(jobs)?", hand.yes)
            }
            report = try await ledger.intervene(intervention, on: ids, as: note)
            await tellRedis(intervention, report, with: services)
        }
        let shown = ActReport(
            action: intervention.word, dryRun: dry, matched: ids.count, done: report.done.map(\.rawValue),
            refused: report.refused, reason: hand.reason)
        let wait: WaitReport? =
            if !dry, !options.json, let first = report.done.first { try await ledger.wait(of: first) } else { nil }
        // A single job that is refused is an error, not a report.
        if isNamed, report.done.isEmpty, !options.json {
            for refusal in report.refused { complain("Job \(refusal.job): \(refusal.why).") }
        } else {
            try show(shown) { $0.text(intervention) + (wait?.warning(services.clock) ?? "") }
        }
        if isNamed ? !report.refused.isEmpty : report.done.isEmpty && !report.refused.isEmpty {
            throw ExitCode.failure
        }
    }

    /// Refuses numbers together with filters, and neither: from `validate()`, so that the command's own usage is shown.
    func validate(_ named: [JobNumber], _ filters: JobFilters, cause: String? = nil) throws {
        let isFiltered = !filters.isEmpty || cause != nil
        guard named.isEmpty || !isFiltered else {
            throw ValidationError("Give either jobs' numbers or filters, not both.")
        }
        guard !named.isEmpty || isFiltered else {
            throw ValidationError("Say which jobs: by their numbers, or by filters such as --state, --user, --error.")
        }
    }

    /// Asks a person. Without one to ask, `--yes` must have been given.
    func confirm(_ question: String, _ isSaid: Bool) async throws {
        guard !isSaid else { return }
        guard Terminal.isInput, !options.json else {
            complain(
                "Nothing was changed: there is no terminal to ask on.", then: "Give --yes, or --dry-run to look first.")
            throw ExitCode(64)
        }
        print("\(question) [y/N] ", terminator: "")
        fflush(nil)
        guard let answer = await Terminal.line(), ["y", "yes"].contains(answer.lowercased()) else {
            complain("Nothing was changed.")
            throw ExitCode.failure
        }
    }

    private func preview(
        _ intervention: Intervention, _ filter: Ledger.JobFilter, _ ids: [Job.ID], with services: FleetServices
    ) async throws -> String {
        guard !ids.isEmpty else { return "" }
        let counts = try await services.ledger.count(filter).map {
            "\($0.count) \($0.state.rawValue) at \($0.stage.rawValue)"
        }
        var lines = wrapped(
            "\(ids.count) \(ids.count == 1 ? "job matches" : "jobs match"): \(counts.joined(separator: ", ")).",
            indent: 2,
            first: "")
        let sample = try await services.ledger.jobs(filter, limit: 5)
        lines += jobTable(sample, clock: services.clock).text.split(separator: "\n").map(String.init)
        if ids.count > sample.count { lines.append("… and \(ids.count - sample.count) more") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Sooner than reconcile would. If Redis is away the jobs are safe: reconcile dispatches them.
    func tellRedis(_ intervention: Intervention, _ report: InterventionReport, with services: FleetServices)
        async
    {
        try? await services.learnPartitions()
        // A dead letter's partition may have been closed since.
        try? await services.reconciler.open(Set(report.due.map(\.partition)))
        let dispatches = report.due.compactMap { try? services.topology.dispatch($0) }
        if !dispatches.isEmpty { _ = try? await services.queue.dispatch(dispatches) }
        guard intervention == .drop else { return }
        let references = report.done.flatMap { job in
            services.topology.queue.stages.map { JobReference(job: job.rawValue, stage: $0) }
        }
        _ = try? await services.queue.forget(references)
    }
}

extension Intervention {
    fileprivate var question: String {
        switch self {
        case .retry: "Try again"
        case .redo(let stage): "Make \(stage.rawValue) and what follows again for"
        case .cancel: "Cancel"
        case .drop: "Give up for good"
        case .approve: "Approve"
        case .reject: "Reject"
        }
    }

    fileprivate func outcome(_ count: Int, dry: Bool) -> String {
        let verb =
            switch self {
            case .retry: dry ? "would be tried again" : count == 1 ? "is on its way again" : "are on their way again"
            case .redo(let stage):
                dry
                    ? "would be made again from \(stage.rawValue) on"
                    : "\(count == 1 ? "is" : "are") made again from \(stage.rawValue) on"
            case .cancel: dry ? "would be cancelled" : count == 1 ? "is cancelled" : "are cancelled"
            case .drop:
                dry
                    ? "would be given up"
                    : count == 1 ? "is given up; its history is kept" : "are given up; their history is kept"
            case .approve: dry ? "would be published" : count == 1 ? "goes on to be published" : "go on to be published"
            case .reject: dry ? "would be rejected" : count == 1 ? "is rejected" : "are rejected"
            }
        return verb
    }
}

extension ActReport {
    fileprivate func text(_ intervention: Intervention) -> String {
        guard matched > 0 else { return "No job matches; nothing was changed.\n" }
        var lines: [String] = []
        if !done.isEmpty {
            let who = done.count == 1 ? "Job \(done[0])" : "\(done.count) jobs"
            lines.append("\(who) \(intervention.outcome(done.count, dry: dryRun)).")
        }
        for (why, jobs) in Dictionary(grouping: refused, by: \.why).sorted(by: { $0.value[0].job < $1.value[0].job }) {
            let names = jobs.prefix(5).map { "\($0.job)" }.joined(separator: ", ") + (jobs.count > 5 ? ", …" : "")
            lines += wrapped(
                jobs.count == 1
                    ? "Job \(names) is left as it is: \(why)."
                    : "\(jobs.count) jobs (\(names)) are left as they are. For each of them: \(why).",
                indent: 2, first: "")
        }
        if !dryRun, let first = done.first {
            switch intervention {
            case .retry, .redo, .approve: lines.append("`ytempire job log \(first) --follow` tells how it does.")
            case .cancel, .drop, .reject: break
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// That there are no dead letters of a cause, and which causes there are.
func noSuchCause(_ cause: String, in ledger: Ledger) async throws -> LedgerError {
    let known = try await ledger.deadLetterGroups().map(\.cause)
    return LedgerError(
        .notFound,
        "No dead letter has the cause \(cause). "
            + (known.isEmpty ? "Nothing is dead." : "There are: \(known.prefix(10).joined(separator: ", "))."))
}
