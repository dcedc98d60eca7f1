import FoundationEssentials
import Ledger
import Logging
import Postgres
import Production
import StageQueue
import Telemetry

/// A worker's life, in Postgres: it holds its name by a session lock, registers, and beats for all it holds.
actor Life {
    private let ledger: Ledger
    private let description: WorkerDescription
    private let desk: AttemptDesk
    private let logger: Logger
    private var session: PostgresConnection
    private var holdsName = true
    nonisolated let worker: WorkerIdentity

    /// Takes the name, or, where a living worker holds it, a fresh one made from it, which inherits nothing.
    static func begin(
        named name: String, as description: WorkerDescription, ledger: Ledger, desk: AttemptDesk, logger: Logger,
        ids: @Sendable () -> UUID
    ) async throws -> (life: Life, inherits: Bool) {
        let session = try await ledger.database.session()
        let incarnation = ids()
        if try await ledger.lockName(name, on: session) {
            let worker = WorkerIdentity(name: name, incarnation: incarnation)
            return (Life(worker, description, ledger, desk, logger, session), true)
        }
        // Its end, which is random: ids begin with the time.
        let fresh = "\(name)-\(ids().uuidString.suffix(8).lowercased())"
        logger.warning(
            "the name is held by a living worker", metadata: [LogKey.worker: "\(name)", LogKey.next: "\(fresh)"])
        guard try await ledger.lockName(fresh, on: session) else {
            throw LedgerError(.refused, "The worker names \(name) and \(fresh) are both held by living workers.")
        }
        let worker = WorkerIdentity(name: fresh, incarnation: incarnation)
        return (Life(worker, description, ledger, desk, logger, session), false)
    }

    private init(
        _ worker: WorkerIdentity, _ description: WorkerDescription, _ ledger: Ledger, _ desk: AttemptDesk,
        _ logger: Logger, _ session: PostgresConnection
    ) {
        (self.worker, self.description, self.ledger, self.desk) = (worker, description, ledger, desk)
        (self.logger, self.session) = (logger, session)
    }

    /// Registers the worker. Answers the jobs that its predecessor had open; they are free.
    ///
    /// - Parameter epochs: of all partitions.
    func register(epochs: [String]) async throws -> [Job.ID] {
        try await ledger.register(worker, as: description, epochs: epochs)
    }

    /// Beats until cancelled. Returns when the name is another's: this process must stop.
    ///
    /// - Parameters:
    ///   - contact: is told at each beat whether Postgres has answered.
    ///   - drain: called when a person has asked this worker to drain, at every beat from then on.
    func run(beat: Duration, contact: @Sendable (Bool) -> Void, drain: @Sendable () -> Void) async {
        while !Task.isCancelled {
            do {
                // After an outage the server may take a while to notice that the old session, and its lock, is dead.
                if !holdsName { holdsName = try await ledger.lockName(worker.name, on: session) }
                let answer = try await ledger.beat(worker, holding: desk.atWork, on: session)
                contact(true)
                desk.revoke(answer.revoked)
                guard answer.isRegistered else { return }
                if answer.isAskedToDrain { drain() }
                await giveBackStrays()
            } catch {
                guard !Task.isCancelled else { return }
                contact(false)
                logger.warning("no beat", metadata: [LogKey.error: "\(error)"])
                // Others take this worker for dead once its beat is a lease old: as soon as there is a session, beat.
                if await renewSession() { continue }
                try? await Task.sleep(for: min(beat, .seconds(1)))
                continue
            }
            try? await Task.sleep(for: beat)
        }
    }

    func end() async {
        try? await ledger.stopped(worker)
        await session.close()
    }

    /// The session may be gone, and the name's lock with it.
    private func renewSession() async -> Bool {
        guard let fresh = try? await ledger.database.session() else { return false }
        await session.close()
        (session, holdsName) = (fresh, false)
        return true
    }

    /// Ends what stands open in this worker's name and is not in its hands.
    private func giveBackStrays() async {
        do {
            for stray in try await ledger.strays(of: worker, holding: desk.held) {
                _ = try await ledger.end(stray, .released, AttemptRecord())
                logger.warning("gave back a stray attempt", metadata: [LogKey.job: "\(stray.job)"])
            }
        } catch {
            logger.warning("stray attempts not given back", metadata: [LogKey.error: "\(error)"])
        }
    }
}
