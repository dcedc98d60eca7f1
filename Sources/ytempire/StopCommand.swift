import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

/// What is stopped or started.
struct StopScope: ParsableArguments {
    @Flag(help: "The whole fleet.") var all = false
    @Option(help: "One stage: script, voice, render or upload.") var stage: Production.Stage?
    @Option(help: "One user's jobs.") var user: String?

    func validate() throws {
        guard [all, stage != nil, user != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --all, --stage and --user.")
        }
    }

    var isEmpty: Bool { !all && stage == nil && user == nil }

    var typed: String {
        stage.map { "--stage \($0.rawValue)" } ?? user.map { "--user \($0)" } ?? "--all"
    }

    var what: String { stage?.rawValue ?? user.map { "\($0)'s production" } ?? "The whole fleet" }

    /// Whether this stop is what is meant.
    func isMeant(_ stop: PauseReport) -> Bool {
        if let stage { return stop.scope == "stage" && stop.key == stage.rawValue }
        if let user { return stop.scope == "user" && stop.key == user }
        return stop.scope == "fleet"
    }

    func resolvedUser(by ledger: Ledger) async throws -> User? {
        if let user { try await ledger.user(named: user) } else { nil }
    }
}

struct StopCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Begin nothing more: in the whole fleet, at a stage, or for a user.",
        discussion: """
            What runs goes on; this command shows what is still in hand until nothing is. The stop stands in Postgres: it \
            holds however often Redis, the workers or the machines are restarted, until `ytempire start`.

            Examples:
              ytempire stop --all --reason "database upgrade"
              ytempire stop --user anna --no-wait
            """)

    @OptionGroup var scope: StopScope
    @Option(help: ArgumentHelp("Why, for whoever finds it; kept in the audit.", valueName: "text")) var reason = ""
    @Flag(inversion: .prefixedNo, help: "Show what is still in hand until nothing is.") var wait = true
    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard !scope.isEmpty else { throw ValidationError("Say what to stop: --all, --stage or --user.") }
    }

    private struct Shown: Encodable {
        var stopped: String
        var inHand: [Int64]
    }

    func run(with services: FleetServices) async throws {
        let ledger = services.ledger
        let user = try await scope.resolvedUser(by: ledger)
        let person = Operator.current()
        let before = try await ledger.pauses().first(where: scope.isMeant)
        if let user {
            try await ledger.pause(user: user, reason: reason, by: person.who)
        } else {
            try await ledger.pause(scope.stage, reason: reason, by: person.who)
        }
        try await ledger.keep(person.note("stop", scope.typed, reason: reason))
        // Redis' copy only makes it sooner.
        _ = try? await services.reconciler.reconcile()
        if !options.json {
            if let before {
                let told = "\(scope.what) was stopped already: \(before.line(services.clock))."
                print(wrapped(told, indent: 2, first: "").joined(separator: "\n"))
            } else {
                print("\(scope.what) is stopped: nothing more is begun. `ytempire start \(scope.typed)` ends it.")
            }
        }
        // What was asked for is done: the rest only looks.
        Terminal.endWithReader()
        let filter = Ledger.JobFilter(state: .running, stage: scope.stage, user: user?.name)
        let bell = EventBell(services: services)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bell.run() }
            defer { group.cancelAll() }
            var told: [Int64]?
            for await _ in bell.rings {
                let running = try await ledger.jobs(filter, limit: 10_000)
                let ids = running.map(\.id)
                if options.json {
                    try show(Shown(stopped: scope.typed, inHand: ids)) { _ in "" }
                    return
                }
                if ids != told {
                    print(
                        wrapped(Self.inHand(running.map { ($0.id, $0.stage) }), indent: 2, first: "").joined(
                            separator: "\n"))
                    if told == nil, wait, !ids.isEmpty { print("Ctrl-C ends only this waiting, not the stop.") }
                    fflush(nil)
                    told = ids
                }
                if ids.isEmpty || !wait { return }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

extension StopCommand {
    /// `Still in hand: jobs 3 at render, 5 at voice.`
    static func inHand(_ jobs: [(id: Int64, stage: Production.Stage)]) -> String {
        guard !jobs.isEmpty else { return "Nothing is in hand." }
        let names = jobs.prefix(10).map { "\($0.id) at \($0.stage.rawValue)" }.joined(separator: ", ")
        let more = jobs.count > 10 ? " and \(jobs.count - 10) more" : ""
        return "Still in hand: \(jobs.count == 1 ? "job" : "jobs") \(names)\(more)."
    }
}

struct StartCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "End a stop: the whole fleet's, a stage's or a user's.",
        discussion: """
            Without an option it ends the whole fleet's stop. Stops of single stages and users stay; it tells which.

            Examples:
              ytempire start
              ytempire start --user anna
            """)

    @OptionGroup var scope: StopScope
    @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
    @OptionGroup var options: CommandOptions

    private struct Shown: Encodable {
        var started: String
        var wasStopped: Bool
        var stillStopped: [PauseReport]
    }

    func run(with services: FleetServices) async throws {
        let ledger = services.ledger
        let was: Bool
        if let user = try await scope.resolvedUser(by: ledger) {
            was = try await ledger.resume(user: user)
        } else {
            was = try await ledger.resume(scope.stage)
        }
        if was { try await ledger.keep(Operator.current().note("start", scope.typed, reason: reason)) }
        // Without Redis it is only later: the workers reconcile.
        _ = try? await services.reconciler.reconcile(quiet: .zero)
        let left = try await ledger.pauses()
        try show(Shown(started: scope.typed, wasStopped: was, stillStopped: left)) { shown in
            "\(scope.what) \(was ? "goes on" : "was not stopped").\n"
                + shown.stillStopped.flatMap {
                    wrapped("Still stopped: \($0.line(services.clock))", indent: 2, first: "")
                }.map { $0 + "\n" }.joined()
        }
    }
}
