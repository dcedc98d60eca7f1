import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import StageQueue

struct DashCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "dash", abstract: "A full screen of the fleet: stages, workers, money, errors.",
        discussion: """
            Keys: j and k (or the arrows) select; p pauses or resumes a stage; r tries a job again. Capitals ask first: C \
            cancels a job, D gives a dead letter up, S stops or starts the whole fleet. q ends it. NO_COLOR is heeded.

            Examples:
              ytempire dash
              ytempire dash --once | mail -s fleet you@example.org
            """)

    @Flag(help: "Print one frame and end.") var once = false
    @OptionGroup var options: CommandOptions

    func validate() throws {
        guard once || !options.json else {
            throw ValidationError("--json needs --once; `ytempire events --json` goes on.")
        }
    }

    func run(with services: FleetServices) async throws {
        let bell = EventBell(services: services)
        let hasColour = ProcessInfo.processInfo.environment["NO_COLOR"].map(\.isEmpty) ?? true
        if once {
            let snapshot = try await DashSnapshot(of: services, live: bell.live())
            try show(snapshot) { snapshot in
                // As long as it takes: a mail can be scrolled.
                let rows = 20 + snapshot.workers.map { max(1, $0.work.count) }.reduce(0, +) + snapshot.errors.count
                let frame = DashFrame(snapshot: snapshot, state: DashState(), columns: Terminal.columns, rows: rows)
                var lines = frame.lines.dropLast().map {
                    $0.rendered(columns: Terminal.columns, colour: hasColour && Terminal.isOutput)
                }
                while lines.last?.isEmpty == true { lines.removeLast() }
                return lines.joined(separator: "\n") + "\n"
            }
            return
        }
        guard Terminal.isInput, Terminal.isOutput else {
            complain("dash needs a terminal.", then: "`ytempire dash --once` prints one frame anywhere.")
            throw ExitCode(64)
        }
        let screen = try DashScreen(colour: hasColour)
        defer { screen.restore() }
        await run(on: screen, bell, with: services)
    }

    private enum Happening: Sendable {
        case keys([UInt8])
        case resized, ended
        case seen(DashSnapshot)
        case failed(String)
        case acted(String)
    }

    private func run(on screen: DashScreen, _ bell: EventBell, with services: FleetServices) async {
        let (happenings, happen) = AsyncStream.makeStream(of: Happening.self)
        screen.listen(
            keys: { happen.yield($0.map { .keys($0) } ?? .ended) }, resized: { happen.yield(.resized) },
            ended: { happen.yield(.ended) })
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await bell.run() }
            group.addTask {
                for await _ in bell.rings {
                    do {
                        happen.yield(.seen(try await DashSnapshot(of: services, live: bell.live())))
                    } catch {
                        happen.yield(.failed("\(error)"))
                    }
                    try? await Task.sleep(for: .milliseconds(500))
                }
            }
            defer { group.cancelAll() }
            var (snapshot, state) = (DashSnapshot(at: Date(), zone: services.configuration.zone), DashState())
            for await happening in happenings {
                switch happening {
                case .ended: return
                case .resized: break
                case .seen(let seen): snapshot = seen
                case .failed(let why):
                    snapshot.at = Date()
                    snapshot.trouble = why
                case .acted(let answer): state.message = answer
                case .keys(let bytes):
                    for key in DashKey.read(bytes) {
                        guard let action = state.press(key, on: snapshot) else { continue }
                        if action == .quit { return }
                        state.message = "\(action.words) …"
                        group.addTask { happen.yield(.acted(await carryOut(action, with: services))) }
                    }
                }
                let (columns, rows) = Terminal.size
                screen.draw(DashFrame(snapshot: snapshot, state: state, columns: columns, rows: rows).lines, columns)
            }
        }
    }

    /// Does what a key asked for. Answers in words.
    private func carryOut(_ action: DashAction, with services: FleetServices) async -> String {
        do {
            let person = Operator.current()
            switch action {
            case .quit: return ""
            case .stopAll, .pause:
                let stage: Production.Stage? = if case .pause(let stage) = action { stage } else { nil }
                try await services.ledger.pause(stage, reason: "", by: person.who)
            case .start, .resume:
                let stage: Production.Stage? = if case .resume(let stage) = action { stage } else { nil }
                _ = try await services.ledger.resume(stage)
            case .retry(let job): return try await intervene(.retry, job, action, person, with: services)
            case .cancel(let job): return try await intervene(.cancel, job, action, person, with: services)
            case .drop(let job): return try await intervene(.drop, job, action, person, with: services)
            }
            try await services.ledger.keep(action.note(by: person))
            _ = try? await services.reconciler.reconcile(quiet: .zero)
            return "\(action.words): done."
        } catch {
            return "\(action.words): \(error)"
        }
    }

    private func intervene(
        _ intervention: Intervention, _ job: Int64, _ action: DashAction, _ person: Operator,
        with services: FleetServices
    ) async throws -> String {
        let report = try await services.ledger.intervene(
            intervention, on: [Job.ID(job)], as: action.note(by: person))
        await tellRedis(intervention, report, with: services)
        return report.refused.first.map { "Job \($0.job): \($0.why)." } ?? "\(action.words): done."
    }
}
