import Foundation
import Ledger
import Logging
import Postgres
import Production
import TestServers
import Testing

/// A ledger on a database of its own, and short ways to what the tests need in it.
struct Workshop {
    static let epoch = "the first life of Redis"

    let configuration: PostgresConfiguration
    let pool: PostgresPool
    let ledger: Ledger

    /// The fleet's zone is one in which it is noon, so that no test runs over midnight; the lease is longer than a slow
    /// machine makes any test.
    init(videoCeiling: MicroDollars = 3_000_000, dayCeiling: MicroDollars = 150_000_000, size: Int = 10) async throws {
        var configuration = try PostgresConfiguration(url: await PrivatePostgres.shared.freshDatabase())
        configuration.poolSize = size
        let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
        self.configuration = configuration
        pool = PostgresPool(configuration: configuration, logger: quiet)
        _ = try await Migrator(migrations: ledgerMigrations).migrate(on: pool)
        let zone = try await Self.zone(at: 12, on: pool)
        ledger = Ledger(
            database: pool,
            settings: Ledger.Settings(
                zone: zone, lease: .seconds(1_800), videoCeiling: videoCeiling, dayCeiling: dayCeiling))
    }

    func draft(_ name: String = "News", dailyAt: String = "09:00", review: Bool = false) throws -> ChannelDraft {
        ChannelDraft(
            name: name, source: "/feeds/news.xml", language: "en", voice: nil, orientation: .landscape, palette: .ocean,
            length: 90, dailyAt: try #require(TimeOfDay(dailyAt)), review: review)
    }

    /// A user with channels of these names, the first one's turn first.
    func user(
        _ name: String = "ada", zone: String? = nil, channels: [String] = ["News"], dailyAt: String = "09:00",
        review: Bool = false
    ) async throws -> User {
        let user = try await ledger.addUser(named: name, timeZone: zone)
        for channel in channels {
            _ = try await ledger.addChannel(draft(channel, dailyAt: dailyAt, review: review), for: user)
        }
        return user
    }

    /// A job that stands queued at a stage.
    func job(at stage: Stage = .script, for user: User? = nil) async throws -> Job.ID {
        let owner = if let user { user } else { try await self.user("u-\(UUID())") }
        let job = try await ledger.enqueue(for: owner, channel: nil).id
        try await pool.execute("UPDATE jobs SET stage = \(stage.rawValue) WHERE id = \(job.rawValue)")
        return job
    }

    func note(_ action: String, reason: String = "") -> AuditNote {
        AuditNote(id: UUID(), who: "anna", host: "here", action: action, subject: "1", reason: reason)
    }

    /// Throws why not.
    func cancel(_ job: Job.ID) async throws {
        let report = try await ledger.intervene(.cancel, on: [job], as: note("job cancel"))
        if let refusal = report.refused.first { throw LedgerError(.refused, refusal.why) }
    }

    /// Throws why not.
    func approve(_ job: Job.ID) async throws -> DueJob {
        let report = try await ledger.intervene(.approve, on: [job], as: note("review approve"))
        guard let due = report.due.first else { throw LedgerError(.refused, report.refused.first?.why ?? "") }
        return due
    }

    func worker(_ name: String = "w1", stage: Stage = .script) async throws -> WorkerIdentity {
        let worker = WorkerIdentity(name: name, incarnation: UUID())
        _ = try await register(worker, stage: stage)
        return worker
    }

    func register(_ worker: WorkerIdentity, stage: Stage = .script) async throws -> [Job.ID] {
        let description = WorkerDescription(stage: stage, host: "here", pid: 7, version: "1", slots: 2)
        return try await ledger.register(worker, as: description, epochs: [Self.epoch])
    }

    func ask(
        _ job: Job.ID, _ stage: Stage = .script, by worker: WorkerIdentity, attempt: UUID = UUID(), alone: Bool = false,
        epoch: String = Workshop.epoch
    ) async throws -> BeginAnswer {
        try await ledger.begin(attempt, job: job, stage: stage, worker: worker, epoch: epoch, alone: alone)
    }

    /// An open attempt.
    func begin(
        _ job: Job.ID, _ stage: Stage = .script, by worker: WorkerIdentity, alone: Bool = false,
        epoch: String = Workshop.epoch
    ) async throws -> OpenAttempt {
        let answer = try await ask(job, stage, by: worker, alone: alone, epoch: epoch)
        guard case .begun(let attempt, _) = answer else { throw Unexpected(what: "\(answer)") }
        return attempt
    }

    /// An open attempt, and what its stage is told.
    func assignment(
        _ job: Job.ID, _ stage: Stage = .script, by worker: WorkerIdentity
    ) async throws -> (OpenAttempt, JobAssignment) {
        let answer = try await ask(job, stage, by: worker)
        guard case .begun(let attempt, let assignment) = answer else { throw Unexpected(what: "\(answer)") }
        return (attempt, assignment)
    }

    /// An attempt whose worker has died; the next one to ask finds it lost.
    @discardableResult
    func lose(
        _ job: Job.ID, _ stage: Stage = .script, alone: Bool = false, epoch: String = Workshop.epoch
    ) async throws -> OpenAttempt {
        let victim = try await worker("victim-\(UUID())", stage: stage)
        let attempt = try await begin(job, stage, by: victim, alone: alone, epoch: epoch)
        try await silence(victim)
        return attempt
    }

    /// The worker has not been heard of for longer than any lease.
    func silence(_ worker: WorkerIdentity) async throws {
        try await pool.execute("UPDATE workers SET beat_at = now() - interval '1 hour' WHERE name = \(worker.name)")
    }

    func attemptState(_ attempt: UUID) async throws -> AttemptState {
        let rows = try await pool.query("SELECT state FROM attempts WHERE id = \(attempt)")
        return try #require(AttemptState(rawValue: rows[0].get("state")))
    }

    func number(_ sql: SQL) async throws -> Int64 { try await pool.query(sql)[0].get(0) }

    func fence(of job: Job.ID) async throws -> Int64 {
        try await number("SELECT fence::bigint FROM jobs WHERE id = \(job.rawValue)")
    }

    func isTrue(_ sql: SQL) async throws -> Bool { try await pool.query(sql)[0].get(0) }

    /// The zone in which it is now between this hour and the next.
    func zone(at hour: Int) async throws -> String { try await Self.zone(at: hour, on: pool) }

    private static func zone(at hour: Int, on pool: PostgresPool) async throws -> String {
        try await pool.query(
            """
            SELECT name FROM pg_timezone_names
            WHERE name LIKE 'Etc/GMT%' AND extract(hour FROM now() AT TIME ZONE name)::bigint = \(hour)
            ORDER BY name LIMIT 1
            """)[0].get("name")
    }

    func today(in zone: String, minus days: Int = 0) async throws -> String {
        try await pool.query("SELECT ((now() AT TIME ZONE \(zone))::date - \(days)::integer)::text")[0].get(0)
    }
}

struct Unexpected: Error { let what: String }

/// The ledger's refusal of a call that must be refused.
func refusal<Answer>(of body: () async throws -> Answer) async -> LedgerError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? LedgerError
    }
}

func serverError<Answer>(of body: () async throws -> Answer) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

func artifact(_ byte: UInt8) throws -> Artifact {
    Artifact(id: try #require(Artifact.ID(bytes: Array(repeating: byte, count: 32))), bytes: Int64(byte))
}

func cost(_ amount: Int64, item: String = "cpu", id: UUID = UUID()) throws -> CostEntry {
    let price = try #require(Price(micros: 1, perUnits: 1))
    return try #require(CostEntry(id: id, provider: .own, item: item, quantity: amount, unit: "ms", price: price))
}

let trouble = JobError(stage: .script, provider: "offline", asked: "read the feed", answer: "not there", next: "again")
