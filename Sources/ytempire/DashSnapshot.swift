import Fleet
import Foundation
import Ledger
import Production

/// The fleet at one moment, as `dash` shows it and `dash --once --json` prints it.
struct DashSnapshot: Encodable {
    struct Line: Encodable {
        var stage: Production.Stage
        var queued: Int64 = 0
        var running: Int64 = 0
        var waiting: Int64 = 0
        var held: Int64 = 0
        var dead: Int64 = 0
        /// How long the job that has waited longest could have been begun, in seconds.
        var oldest: Double?
        /// How many succeeded a minute, over the last ten.
        var perMinute: Double = 0
        var isPaused = false
    }

    struct Worker: Encodable {
        var name: String
        var stage: Production.Stage
        /// `alive`, `draining`, `dead`
        var standing: String
        var slots: Int64
        var work: [Work]
    }

    struct Work: Encodable {
        var job: Int64
        var fraction: Double?
        /// What the stage says of it: its speed, for one.
        var detail: String
    }

    struct Failure: Encodable {
        var job: Int64
        var state: JobState
        var stage: Production.Stage
        var at: Date
        var answer: String
    }

    var at: Date
    /// IANA name
    var zone: String
    var stages: [Line]
    var workers: [Worker] = []
    var money: CounterReport?
    var day = ""
    var errors: [Failure] = []
    var stops: [PauseReport] = []
    /// A server that is away, and the like. What is shown may be old then.
    var trouble: String?

    init(at: Date, zone: String) {
        (self.at, self.zone) = (at, zone)
        stages = Production.Stage.allCases.map { Line(stage: $0) }
    }

    init(of services: FleetServices, live: [Int64: LiveReport.Work]) async throws {
        let ledger = services.ledger
        self.init(at: Date(), zone: services.configuration.zone)
        let (paused, oldest) = try await (ledger.pausedStages(), ledger.oldestQueued())
        let done = try await ledger.completions(within: .seconds(600))
        stages = try await ledger.standingJobs().map { census in
            Line(
                stage: census.stage, queued: census.queued, running: census.running, waiting: census.waiting,
                held: census.held, dead: census.dead,
                oldest: oldest[census.stage].map { max(0, at.timeIntervalSince($0)) },
                perMinute: Double(done[census.stage] ?? 0) / 10, isPaused: paused.contains(census.stage))
        }
        workers = try await ledger.workers().filter { $0.state != "stopped" }.map { worker in
            Worker(
                name: worker.name, stage: worker.stage, standing: worker.standing, slots: worker.slots,
                work: worker.jobs.map { Work(job: $0, fraction: live[$0]?.fraction, detail: live[$0]?.detail ?? "") })
        }
        day = try await ledger.moneyDay()
        money = try await ledger.counter("day", day)
        errors = try await ledger.recentErrors(limit: 50).map {
            Failure(job: $0.job, state: $0.state, stage: $0.error.stage, at: $0.at, answer: $0.error.answer)
        }
        stops = try await ledger.pauses()
    }
}
