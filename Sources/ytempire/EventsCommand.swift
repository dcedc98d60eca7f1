import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production
import Redis
import StageQueue

struct EventsCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Follow what the workers do, as it happens.",
        discussion: """
            Told by Redis, which keeps nothing: what happened before, or while the connection was lost, is in \
            `ytempire job log`. With --json one event a line. Ctrl-C ends it.

            Examples:
              ytempire events --stage render
              ytempire events --job 17 --no-progress
            """)

    @Option(help: "Only this job.") var job: JobNumber?
    @Option(help: "Only this stage: script, voice, render or upload.") var stage: Production.Stage?
    @Option(help: "Only this worker.") var worker: String?
    @Flag(inversion: .prefixedNo, help: "Tell progress too, not only beginnings and ends.") var progress = true
    @OptionGroup var options: CommandOptions

    func run(with services: FleetServices) async throws {
        if let job { _ = try await services.ledger.job(job.id) }
        if let worker {
            let known = try await services.ledger.workers().map(\.name)
            guard known.contains(worker) else {
                throw LedgerError(.notFound, noSuch("worker", worker, among: known, seeing: "ytempire worker list"))
            }
        }
        Terminal.endWithReader()
        var isAway = false
        while !Task.isCancelled {
            do {
                let subscription = try await services.redis.subscribe(to: [services.topology.queue.eventsKey])
                if isAway { complain("Redis is back.") }
                isAway = false
                for await element in subscription {
                    switch element {
                    case .message(_, let payload): try tell(payload, services.clock)
                    case .resubscribed:
                        complain("The connection to Redis was lost and is back: events may be missing here.")
                    case .dropped(let count): complain("\(count) events came faster than they could be told.")
                    }
                }
                return
            } catch let error as RedisError {
                if !isAway { complain("\(error)", then: "Trying again until it answers; Ctrl-C ends it.") }
                isAway = true
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func tell(_ payload: [UInt8], _ clock: FleetClock) throws {
        // A newer worker may tell what this program does not know.
        guard let event = try? JSONDecoder().decode(LiveEvent.self, from: Data(payload)), isMeant(event) else { return }
        if options.json {
            print(try jsonLine(EventLine(event, at: clock.now)))
        } else {
            print(clipped(EventLine(event, at: clock.now).text(clock), to: max(Terminal.columns, 80)))
        }
        fflush(nil)
    }

    private func isMeant(_ event: LiveEvent) -> Bool {
        job.map { $0.id.rawValue == event.job } ?? true && stage.map { $0 == event.stage } ?? true
            && worker.map { $0 == event.worker } ?? true && (progress || event.kind != .progress)
    }
}

/// An event, and when it was heard.
struct EventLine: Encodable {
    let at: Date
    let kind: LiveEvent.Kind
    let job: Int64
    let stage: Production.Stage
    let worker: String
    let fraction: Double?
    let detail: String?
    let outcome: String?

    init(_ event: LiveEvent, at: Date) {
        (self.at, kind, job, stage, worker) = (at, event.kind, event.job, event.stage, event.worker)
        (fraction, detail, outcome) = (event.fraction, event.detail, event.outcome)
    }

    /// `14:03:07  job 17  render  43 %  scene 2 of 5  (render-1)`
    func text(_ clock: FleetClock) -> String {
        let what =
            switch kind {
            case .begun: "begun"
            case .progress: "\(Int((fraction ?? 0) * 100)) %  \(detail ?? "")"
            case .ended: outcome ?? "ended"
            }
        return "\(clock.timeOfDay(at))  job \(job)  \(stage.rawValue)  \(oneLine(what))  (\(oneLine(worker)))"
    }
}
