import ArgumentParser
import Fleet
import Foundation
import Ledger
import Media
import Production

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Worker processes.", subcommands: [List.self, Drain.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the workers and what each has in hand.",
            discussion: """
                alive: it beats. draining: it finishes what it has in hand, then ends. stopped: it ended in good order. \
                dead: no beat for a lease; its work has moved on.
                """)

        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var worker: WorkerReport
            var work: [LiveReport.Work]
        }

        func run(with services: FleetServices) async throws {
            let live = await EventBell(services: services).live()
            let clock = services.clock
            let shown = try await services.ledger.workers().map { worker in
                Shown(worker: worker, work: worker.jobs.compactMap { live[$0] })
            }
            try show(shown) { shown in
                var table = Table(
                    "WORKER", "STAGE", "STATE", "BEAT", "UP", "SLOTS", "HOST", "PID", "JOBS",
                    empty: "No worker has been here for a day. Start ytempire-script, -voice, -render and -upload.")
                for entry in shown {
                    let worker = entry.worker
                    let jobs = worker.jobs.map { job in
                        "\(job)" + (live[job].map { " (\(Int($0.fraction * 100)) %)" } ?? "")
                    }
                    table.add(
                        worker.name, worker.stage.rawValue, worker.standing, clock.age(worker.beatAt),
                        worker.state == "alive" ? Phrases.duration(clock.now.timeIntervalSince(worker.startedAt)) : "",
                        "\(worker.slots)", worker.host, "\(worker.pid)", jobs.joined(separator: ", "))
                }
                let settings = services.configuration.render
                let slots = EncoderSlots(folder: settings.gpuSlotsPath, count: settings.gpuSlots)
                return table.text + (slots.holders().isEmpty ? "" : "On this host \(slots.words).\n")
            }
        }
    }

    struct Drain: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask workers to finish what they have in hand, and end, as for SIGTERM.",
            discussion: """
                They hear so at their next beat, within 5 s; what is not done within worker.drain is given back and costs \
                no try. The wish stands in Postgres and is meant for the running process only: systemd starts a new one \
                unless you stop the unit (`systemctl stop ytempire-render@1`).

                Examples:
                  ytempire worker drain render-2 --reason "new kernel"
                  ytempire worker drain --stage render
                """)

        @Argument(help: "Workers' names.") var names: [String] = []
        @Option(help: "All workers of this stage: script, voice, render or upload.") var stage: Production.Stage?
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard names.isEmpty != (stage == nil) else {
                throw ValidationError("Say which workers: by their names, or --stage.")
            }
        }

        func run(with services: FleetServices) async throws {
            let known = try await services.ledger.workers()
            for name in names where !known.contains(where: { $0.name == name }) {
                throw LedgerError(
                    .notFound, noSuch("worker", name, among: known.map(\.name), seeing: "ytempire worker list"))
            }
            let asked = try await services.ledger.askToDrain(names.isEmpty ? nil : names, stage: stage)
            if !asked.isEmpty {
                try await services.ledger.keep(
                    Operator.current().note("worker drain", asked.joined(separator: " "), reason: reason))
            }
            try show(["asked": asked]) { _ in
                guard !asked.isEmpty else { return "None of them is alive; nobody was asked.\n" }
                return "Asked \(asked.joined(separator: ", ")) to drain.\n"
                    + "`ytempire worker list` shows how far they are. systemd starts them again unless they are stopped.\n"
            }
        }
    }
}

extension WorkerReport {
    /// As people read it: `draining` is a way of being alive.
    var standing: String { state == "alive" && isDraining ? "draining" : state }
}
