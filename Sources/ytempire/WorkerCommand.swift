import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Worker processes.", subcommands: [List.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Show the workers and what each has in hand.")

        @OptionGroup var options: CommandOptions

        private struct Shown: Encodable {
            var worker: WorkerReport
            var work: [LiveReport.Work]
        }

        func run(with services: FleetServices) async throws {
            let live = await EventBell(services: services).live()
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
                        worker.name, worker.stage.rawValue, worker.state, Phrases.ago(worker.beatAt),
                        worker.state == "alive" ? Phrases.duration(Date().timeIntervalSince(worker.startedAt)) : "",
                        "\(worker.slots)", worker.host, "\(worker.pid)", jobs.joined(separator: ", "))
                }
                return table.text
            }
        }
    }
}
