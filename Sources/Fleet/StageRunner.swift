import Failpoints
import FoundationEssentials
import Ledger
import Logging
import Postgres
import Production
package import StageQueue
import Synchronization
import Telemetry

/// Handles a stage's deliveries: asks Postgres to begin, has the work done, commits, and says what Redis should hear.
///
/// A delivery is only a hint. Whatever it says, the job's row decides; what the row does not allow is a ghost, which
/// costs nothing and puts right what it can.
package struct StageRunner: DeliveryHandler {
    let work: any StageWork
    let worker: WorkerIdentity
    let ledger: Ledger
    let topology: FleetTopology
    let artifacts: any ArtifactStore
    let paidCalls: PaidCalls
    let scratch: Scratch
    let rules: RetryRules
    let rates: OwnRates
    let timeLimit: Duration
    let desk: AttemptDesk
    let live: LiveView
    let metrics: WorkerMetrics
    let meter: CPUMeter
    let drain: DrainSwitch
    let failpoints: Failpoints
    /// Of a partition's Redis, as this worker last heard.
    let epoch: @Sendable (_ partition: Int) -> String
    let ids: @Sendable () -> UUID
    let logger: Logger

    package func handle(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        let job = Job.ID(delivery.job)
        var logger = logger
        logger[metadataKey: LogKey.job] = "\(job)"
        if let trace = delivery.trace { logger[metadataKey: LogKey.trace] = "\(trace.traceID)" }
        do {
            let disposition: Disposition
            switch try await begin(job, delivery.partition, alone: false, context, logger) {
            case (_, .mustRunAlone):
                disposition = try await context.alone {
                    let (attempt, answer) = try await begin(job, delivery.partition, alone: true, context, logger)
                    return await proceed(attempt, answer, delivery, context, logger)
                }
            case (let attempt, let answer): disposition = await proceed(attempt, answer, delivery, context, logger)
            }
            try? await failpoints.reach(.scriptBefore, job: delivery.job)
            return disposition
        } catch is CancellationError {
            return .released
        } catch {
            // Neither the job's fault nor an outage: an answer of Postgres that this program does not understand.
            logger.error("begin failed", metadata: [LogKey.error: "\(error)"])
            return .retry(due: .after(.seconds(30)))
        }
    }

    /// Asks to begin until Postgres answers: without it nothing begins, and nothing is buried. The answer is awaited even
    /// when the task is cancelled: an attempt that was begun unheard would stay open.
    private func begin(
        _ job: Job.ID, _ partition: Int, alone: Bool, _ context: DeliveryContext, _ logger: Logger
    ) async throws -> (UUID, BeginAnswer) {
        let attempt = ids()
        desk.enter(attempt)
        do {
            let answer = try await Task {
                try await patiently("begin", context, logger) {
                    try await failpoints.reach(.beginBefore, job: job.rawValue)
                    let answer = try await ledger.begin(
                        attempt, job: job, stage: work.stage, worker: worker, epoch: epoch(partition),
                        alone: alone)
                    try await failpoints.reach(.beginAfter, job: job.rawValue)
                    return answer
                }
            }.value
            if case .begun = answer { return (attempt, answer) }
            desk.leave(attempt)
            return (attempt, answer)
        } catch {
            desk.leave(attempt)
            throw error
        }
    }

    private func proceed(
        _ id: UUID, _ answer: BeginAnswer, _ delivery: Delivery, _ context: DeliveryContext, _ logger: Logger
    ) async -> Disposition {
        switch answer {
        case .begun(let attempt, let assignment):
            defer { desk.leave(id) }
            await context.begun()
            let disposition = await run(attempt, assignment, context, logger)
            guard case .completed(var next?) = disposition else { return disposition }
            // The answer to a commit doesn't say whose the job is; the delivery did.
            next.lane = delivery.lane
            return .completed(next: next)
        case .busy(let wait), .notDue(let wait):
            return .ghost(dispatching: [Dispatch(again: delivery, due: .after(wait))])
        case .elsewhere:
            return .ghost(dispatching: await dispatches(for: Job.ID(delivery.job), context, logger))
        case .paused, .held, .finished, .unknown:
            return .ghost(dispatching: [])
        case .mustRunAlone:
            return .released
        case .impostor:
            logger.error("another process has taken this worker's name")
            drain.releaseNow()
            return .released
        }
    }

    package func bury(_ delivery: Delivery, _ context: DeliveryContext) async -> Disposition {
        let job = Job.ID(delivery.job)
        var logger = logger
        logger[metadataKey: LogKey.job] = "\(job)"
        let error = JobError(
            stage: work.stage, provider: .own, asked: "begin the \(work.stage.rawValue) stage",
            answer: "three workers died before it began, each with nothing else in hand",
            next: "nothing: a person must find out why")
        do {
            let isDead = try await patiently("bury", context, logger) {
                try await ledger.bury(job, at: work.stage, error)
            }
            guard isDead else { return .ghost(dispatching: await dispatches(for: job, context, logger)) }
            logger.error(
                "job buried", metadata: [LogKey.error: "\(error.asked): \(error.answer)", LogKey.next: "\(error.next)"])
            return .buried(reason: error.answer)
        } catch {
            return .released
        }
    }

    private func run(
        _ attempt: OpenAttempt, _ assignment: JobAssignment, _ context: DeliveryContext, _ logger: Logger
    ) async -> Disposition {
        var logger = logger
        logger[metadataKey: LogKey.attempt] = "\(attempt.fence)"
        logger.info("attempt begun")
        live.begun(attempt.job)
        metrics.begun()
        let clock = ContinuousClock()
        let (started, measurement) = (clock.now, meter.start())
        let folder = scratch.folder(attempt.id.uuidString)
        let (end, provider, notes, gpu) = await ending(of: attempt, assignment, in: folder, context, logger)
        await folder.remove()
        context.endWork()
        var kept: Int64 = 0
        if case .succeeded(let result) = end { kept = result.artifacts.values.map(\.bytes).reduce(0, +) }
        let usage = OwnUsage(cpu: meter.stop(measurement), wall: clock.now - started, bytesKept: kept, gpu: gpu)
        let record = AttemptRecord(provider: provider, notes: notes, costs: rates.entries(for: usage, ids: ids))
        // The task may have been cancelled: the time limit, a drain. What was done is told to Postgres all the same,
        // in a task of its own that is awaited here and now.
        let (committed, disposition) = await Task { await commit(attempt, end, record, context, logger) }.value
        live.ended(attempt.job, committed.attemptState)
        // A ghost here is a commit that was refused.
        if case .ghost = disposition {
            metrics.ended(nil, after: clock.now - started)
        } else {
            metrics.ended(committed.attemptState, after: clock.now - started)
        }
        return disposition
    }

    /// Has the work done, and turns whatever happens into an end.
    private func ending(
        of attempt: OpenAttempt, _ assignment: JobAssignment, in folder: Scratch, _ context: DeliveryContext,
        _ logger: Logger
    ) async -> (AttemptEnd, ProviderName?, [String: String], gpu: Duration) {
        let tries = attempt.tries
        do {
            let (live, work) = (live, work)
            let task = StageTask(
                assignment: assignment, attempt: attempt, ledger: ledger, artifacts: artifacts,
                paidCalls: paidCalls, scratch: folder, failpoints: failpoints,
                report: { live.progress(attempt.job, $0) })
            switch try await desk.hold(attempt.id, { try await work.perform(task) }) {
            case .done(let result, let provider, let notes, let gpu):
                return (.succeeded(result), provider, notes, gpu)
            case .skipped(let provider):
                return (.skipped, provider, [:], .zero)
            }
        } catch let failure as StageFailure where !Task.isCancelled {
            return (end(for: failure, tries: tries), failure.provider, [:], .zero)
        } catch let lost as UnusableArtifact {
            return (await end(for: lost, attempt, logger), nil, [:], .zero)
        } catch is FenceRisen {
            logger.notice("attempt revoked")
            return (.released, nil, [:], .zero)
        } catch let error as PostgresError where error.isTemporary && !Task.isCancelled {
            // An outage is not the job's fault: the next begin waits for Postgres.
            logger.warning("Postgres went away during the work", metadata: [LogKey.error: "\(error)"])
            return (.released, nil, [:], .zero)
        } catch {
            if Task.isCancelled, context.interruption != .timeLimit { return (.released, nil, [:], .zero) }
            let answer =
                Task.isCancelled ? "it took longer than its time limit of \(timeLimit.inSeconds) s" : "\(error)"
            let failure = StageFailure(
                .transient(), provider: .own, asked: "run the \(work.stage.rawValue) stage", answer: answer)
            return (end(for: failure, tries: tries), nil, [:], .zero)
        }
    }

    /// A disk that damages every file would have two stages run in turn for ever: the fourth time a person must look.
    private static let timesSentBackAtMost = 3

    private func end(for lost: UnusableArtifact, _ attempt: OpenAttempt, _ logger: Logger) async -> AttemptEnd {
        let maker = lost.kind.stage
        var error = JobError(
            stage: work.stage, provider: .own, asked: "use the job's \(lost.kind.rawValue)",
            answer: lost.fault.description, next: "the \(maker.rawValue) stage is run again")
        var earlier = 0
        do {
            earlier = try await ledger.timesSentBack(attempt.job, from: work.stage)
        } catch {
            // The end itself waits for Postgres; how often it was before is asked again the next time.
            logger.warning("earlier damage unknown", metadata: [LogKey.error: "\(error)"])
        }
        guard earlier >= Self.timesSentBackAtMost else { return .sentBack(to: maker, error) }
        error.next = """
            nothing: what the \(maker.rawValue) stage made was unusable \(earlier + 1) times; look at the disk of \
            artifacts.path, then run `ytempire job redo \(attempt.job) --from \(maker.rawValue)`
            """
        return .failed(error)
    }

    private func end(for failure: StageFailure, tries: Int) -> AttemptEnd {
        var random = SystemRandomNumberGenerator()
        var error = JobError(
            stage: work.stage, provider: failure.provider, asked: failure.asked, answer: failure.answer, next: "")
        switch rules.verdict(on: failure.kind, counted: tries, using: &random) {
        case .retry(let delay):
            let seconds = max(1, Int(delay.inSeconds.rounded()))
            error.next = "tried again in \(seconds) s (failure \(tries + 1) of \(rules.attempts))"
            return .retried(after: delay, error)
        case .park(let until):
            error.next = "parked until \(until.formatted(.iso8601)); this costs no try"
            return .limited(until: until, error)
        case .bury:
            error.next =
                failure.kind == .permanent
                ? "nothing: trying again can't help until a person has mended it"
                : "nothing: the last of \(rules.attempts) tries has failed"
            return .failed(error)
        }
    }

    /// Commits the end, or, where Postgres refuses it, that the attempt failed: left open it would hold the job.
    private func commit(
        _ attempt: OpenAttempt, _ end: AttemptEnd, _ record: AttemptRecord, _ context: DeliveryContext, _ logger: Logger
    ) async -> (AttemptEnd, Disposition) {
        do {
            return (end, try await settle(attempt, end, record, context, logger))
        } catch let error as PostgresError where error.isTemporary {
            // This worker must go before Postgres came back. The attempt ends as lost once its beat is a lease old.
            logger.error("commit given up", metadata: [LogKey.error: "\(error)"])
            return (.released, .released)
        } catch {
            logger.error("commit refused", metadata: [LogKey.error: "\(error)"])
            // Control characters may be why it was refused: Postgres holds no NUL.
            let words = String("\(error)".unicodeScalars.filter { $0.properties.generalCategory != .control })
            let failure = StageFailure(
                .transient(), provider: .own, asked: "commit the \(work.stage.rawValue) stage", answer: words)
            let plain = self.end(for: failure, tries: attempt.tries)
            let disposition = try? await settle(attempt, plain, AttemptRecord(), context, logger)
            // If that is refused too, the beat gives the attempt back.
            return (plain, disposition ?? .released)
        }
    }

    private func settle(
        _ attempt: OpenAttempt, _ end: AttemptEnd, _ record: AttemptRecord, _ context: DeliveryContext, _ logger: Logger
    ) async throws -> Disposition {
        let answer = try await patiently("commit", context, logger) {
            if case .succeeded(let result) = end {
                // Whatever was to be deleted is not any more; what is gone all the same is made again.
                try await ledger.claim(Array(result.artifacts.values))
                for artifact in result.artifacts.values { _ = try await artifacts.file(of: artifact.id) }
            }
            try await failpoints.reach(.commitBefore, job: attempt.job.rawValue)
            let answer = try await ledger.end(attempt, end, record)
            try await failpoints.reach(.commitAfter, job: attempt.job.rawValue)
            return answer
        }
        guard case .committed(let next) = answer else {
            logger.notice("result refused: the fence has risen")
            return .ghost(dispatching: await dispatches(for: attempt.job, context, logger))
        }
        log(end, logger)
        let dispatch = try next.map { try topology.dispatch($0) }
        return switch end {
        case .succeeded, .skipped, .sentBack: .completed(next: dispatch)
        case .retried, .limited: .retry(due: .after(next?.dueIn ?? .zero))
        case .failed(let error): .buried(reason: error.answer)
        case .released: .released
        }
    }

    /// What the job really needs now, if it needs anything of the queue.
    private func dispatches(for job: Job.ID, _ context: DeliveryContext, _ logger: Logger) async -> [Dispatch] {
        do {
            return try await patiently("look up job", context, logger) { try await ledger.jobToDispatch(job) }
                .map { [try topology.dispatch($0)] } ?? []
        } catch {
            return []  // reconcile finds it within a minute
        }
    }

    /// Does something with Postgres again for as long as Postgres is away. Ends early only when this process must go.
    private func patiently<Answer>(
        _ what: String, _ context: DeliveryContext, _ logger: Logger, _ body: () async throws -> Answer
    ) async throws -> Answer {
        let backoff = Backoff(base: .milliseconds(200), cap: .seconds(5))
        var random = SystemRandomNumberGenerator()
        var failures = 0
        while true {
            do {
                let answer = try await body()
                if failures > 0 { metrics.postgresAnswers() }
                return answer
            } catch let error as PostgresError where error.code == .cancelled {
                throw CancellationError()
            } catch let error as PostgresError where error.isTemporary {
                failures += 1
                if failures == 1 {
                    metrics.postgresLost()
                    logger.warning(
                        "waiting for Postgres", metadata: [LogKey.next: "\(what)", LogKey.error: "\(error)"])
                }
                if drain.position == .releasing || context.interruption == .release { throw error }
                try await Task.sleep(for: backoff.delay(afterFailures: failures, using: &random))
            }
        }
    }

    private func log(_ end: AttemptEnd, _ logger: Logger) {
        switch end {
        case .succeeded: logger.info("attempt succeeded")
        case .skipped: logger.notice("job skipped: nothing new in any source")
        case .released: logger.info("attempt released")
        case .retried(_, let error), .limited(_, let error), .sentBack(_, let error):
            logger.warning(
                "attempt failed",
                metadata: [LogKey.error: "\(error.asked): \(error.answer)", LogKey.next: "\(error.next)"])
        case .failed(let error):
            logger.error(
                "job buried", metadata: [LogKey.error: "\(error.asked): \(error.answer)", LogKey.next: "\(error.next)"])
        }
    }
}

extension PostgresError {
    /// Waiting may help.
    fileprivate var isTemporary: Bool { isConnectionTrouble || isServerTrouble }
}
