import Failpoints
package import FoundationEssentials
import Ledger
package import Logging
import Postgres
package import Production
import StageQueue
import Synchronization
import Telemetry
import UnixSignals

/// A worker process from its start to its end: connects, takes its name, works, drains.
package struct WorkerProcess: Sendable {
    private let configuration: FleetConfiguration
    private let stage: Stage
    private let name: String
    private let environment: [String: String]
    private let makeWork: @Sendable (FleetServices) async throws -> any StageWork
    private let beside: @Sendable (FleetServices, Logger) async -> Void
    private let artifacts: any ArtifactStore
    private let logger: Logger
    private let ids: @Sendable () -> UUID

    /// - Parameter beside: what else the process does while it works, until it is cancelled.
    package init(
        stage: Stage, name: String?, configuration: FleetConfiguration, environment: [String: String],
        artifacts: any ArtifactStore, logger: Logger, ids: @escaping @Sendable () -> UUID = { .ordered() },
        beside: @escaping @Sendable (FleetServices, Logger) async -> Void = { _, _ in },
        makeWork: @escaping @Sendable (FleetServices) async throws -> any StageWork
    ) {
        (self.stage, self.configuration, self.environment) = (stage, configuration, environment)
        self.name = name ?? "\(stage.rawValue)-\(Host.name)"
        (self.artifacts, self.logger, self.ids, self.makeWork) = (artifacts, logger, ids, makeWork)
        self.beside = beside
    }

    /// Works until SIGTERM or SIGINT, then drains: what is in hand may end within the drain time. A second signal
    /// releases it at once.
    ///
    /// - Throws: what keeps a worker from starting, in words for the person who started it.
    package func run() async throws {
        let notifier = SystemdNotifier(environment: environment)
        let drain = DrainSwitch()
        try await FleetServices.with(configuration, logger: logger) { services in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
                    for await signal in signals {
                        if drain.position == .running {
                            logger.notice("draining", metadata: [LogKey.reason: "\(signal)"])
                            notifier.send(
                                .stopping, .extendTimeout(configuration.worker.drain + .seconds(15)))
                            drain.drain()
                        } else {
                            logger.notice("releasing", metadata: [LogKey.reason: "\(signal)"])
                            drain.releaseNow()
                        }
                    }
                }
                group.addTask { try await work(services, drain, notifier) }
                defer { group.cancelAll() }
                // The signals' task never ends by itself: the first to end is the work.
                try await group.next()
            }
        }
    }

    private func work(_ services: FleetServices, _ drain: DrainSwitch, _ notifier: SystemdNotifier) async throws {
        let start = Date()
        let testing = configuration.testing
        if let announcement = testing.announcement {
            logger.warning("TEST CONFIGURATION", metadata: [LogKey.reason: "\(announcement)"])
        }
        let failpoints = Failpoints(testing, logger: logger)
        let artifacts: any ArtifactStore =
            failpoints.areArmed ? FailpointArtifacts(store: artifacts, failpoints: failpoints) : artifacts
        let slots = configuration.worker.slots[stage] ?? 1
        let desk = AttemptDesk()
        guard let begun = try await begin(services, desk, drain, notifier, slots: slots) else { return }
        let (life, worker) = (begun.life, begun.life.worker)
        let work = try await makeWork(services)
        let logger = logger.of(worker)
        let epochs = Mutex(begun.epochs)
        if !begun.freed.isEmpty {
            logger.notice(
                "took up what the predecessor left", metadata: [LogKey.count: "\(begun.freed.count)"])
        }
        // The name is ours alone, so what lies there was left by a predecessor that died.
        let scratches = Scratch(URL(filePath: configuration.scratch))
        await scratches.removeAll(but: try await services.ledger.livingWorkers())
        let scratch = scratches.folder(worker.name)
        try await scratch.makeEmpty()
        await sightStore(services, logger)

        let live = LiveView(
            worker: worker.name, stage: stage, slots: slots, redis: services.redis, topology: services.topology.queue)
        let metrics = WorkerMetrics(
            worker: worker.name, stage: stage, slots: slots, takenOver: begun.freed.count, start: start)
        let runner = StageRunner(
            work: work, worker: worker, ledger: services.ledger, topology: services.topology, artifacts: artifacts,
            paidCalls: PaidCalls(
                ledger: services.ledger, responses: artifacts.responses,
                limits: { configuration.money.limits(of: $0) }, ids: ids, failpoints: failpoints, logger: logger),
            scratch: scratch, rules: configuration.retry, rates: configuration.money.rates, timeLimit: timeLimit,
            desk: desk, live: live, metrics: metrics, meter: CPUMeter(), drain: drain, failpoints: failpoints,
            epoch: { partition in epochs.withLock { $0[partition] ?? "" } }, ids: ids,
            logger: logger)
        guard let owner = Owner(name: worker.name, incarnation: worker.incarnation.uuidString) else {
            throw LedgerError(
                .invalid, "The worker name \(worker.name) is not 1 to 64 letters, digits, dots, hyphens or underscores."
            )
        }
        var settings = StageWorkerSettings(slots: slots, timeLimit: timeLimit, drainTime: configuration.worker.drain)
        settings.lease = configuration.worker.lease
        settings.beat = configuration.worker.beat
        settings.limits = StageLimits(
            fleet: configuration.worker.atOnce[stage],
            host: configuration.worker.atOnceOnHost[stage].map { (Host.name, $0) })
        let role = "working at \(stage.rawValue) as \(worker.name)"
        let watchdog = Watchdog(notifier: notifier, status: WorkerStatus(role: role, slots: slots))
        let watch = PartitionWatch(services: services, stage: stage, worker: worker.name, logger: logger)
        let stageWorker = StageWorker(
            queue: services.queue, stage: try services.topology.stage(stage), owner: owner,
            predecessor: begun.inherits ? worker.name : nil, settings: settings, drain: drain, handler: runner,
            rings: { watch.rings($0) },
            reconcile: { partition in
                do {
                    try await services.reconciler.reconcile(quiet: .zero, partition: partition)
                } catch {
                    logger.warning("reconcile failed", metadata: [LogKey.error: "\(error)"])
                }
            },
            report: { event in
                switch event {
                case .metEpoch(let id, let partition), .newEpoch(let id, let partition):
                    epochs.withLock { $0[partition] = id }
                default: break
                }
                failpoints.heard(event)
                watchdog.heard(event)
                metrics.heard(event)
                WorkerLog.write(event, to: logger)
            })

        let beat = configuration.worker.beat
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await life.run(
                    beat: beat, contact: { $0 ? metrics.postgresAnswers() : metrics.postgresLost() },
                    drain: {
                        guard drain.position == .running else { return }
                        logger.notice("draining", metadata: [LogKey.reason: "asked by a person"])
                        notifier.send(.stopping, .extendTimeout(configuration.worker.drain + .seconds(15)))
                        drain.drain()
                    })
                if !Task.isCancelled {
                    logger.error("another process has taken this worker's name; stopping")
                    drain.releaseNow()
                }
                return false
            }
            group.addTask {
                await live.run(beat: beat)
                return false
            }
            group.addTask {
                await services.reconciler.run(responses: artifacts.responses)
                return false
            }
            group.addTask {
                await beside(services, logger)
                return false
            }
            group.addTask {
                await SchemaWatch(ledger: services.ledger, logger: logger)
                    .run(every: beat * 12) { watchdog.databaseIsNewer() }
                return false
            }
            if let address = configuration.metrics {
                group.addTask {
                    do {
                        try await MetricServer(at: address) { metrics.text() }.run()
                    } catch {
                        // Nothing to stop working for.
                        if !Task.isCancelled {
                            logger.error(
                                "metrics can't be served",
                                metadata: [LogKey.reason: "\(address)", LogKey.error: "\(error)"])
                        }
                    }
                    return false
                }
            }
            group.addTask {
                await drain.drained()
                watchdog.drains()
                return false
            }
            group.addTask {
                await watch.run(every: beat)
                return false
            }
            group.addTask {
                await stageWorker.run()
                return true
            }
            notifier.send(.ready, .status(role))
            logger.notice("worker started", metadata: [LogKey.stage: "\(stage.rawValue)", LogKey.count: "\(slots)"])
            // Life goes on beating until everything in hand has ended.
            for await isWorkDone in group where isWorkDone { break }
            group.cancelAll()
        }
        await life.end()
        await scratch.remove()
        logger.notice("worker stopped")
    }

    /// A worker that is registered: Postgres and Redis have both answered it.
    private struct Begun {
        let life: Life
        let inherits: Bool
        /// Of each partition that answered.
        let epochs: [Int: String]
        /// What its predecessor had open.
        let freed: [Job.ID]
    }

    /// Waits for both servers, takes the name and registers; all over again if a server goes away meanwhile. Nil if the
    /// worker is to stop first.
    private func begin(
        _ services: FleetServices, _ desk: AttemptDesk, _ drain: DrainSwitch, _ notifier: SystemdNotifier, slots: Int
    ) async throws -> Begun? {
        let description = WorkerDescription(
            stage: stage, host: Host.name, pid: ProcessInfo.processInfo.processIdentifier, version: Version.current,
            slots: slots)
        let check = ReadyCheck(services: services, logger: logger)
        while true {
            // However long servers are away, systemd waits, as long as it is told so in time.
            let isReady = try await check.wait(unless: drain) {
                notifier.send(.status($0), .extendTimeout(.seconds(90)))
            }
            guard isReady else { return nil }
            var taken: Life?
            do {
                let (life, inherits) = try await Life.begin(
                    named: name, as: description, ledger: services.ledger, desk: desk, logger: logger, ids: ids)
                taken = life
                try await services.openPartitions()
                let epochs = try await services.queue.epochs()
                let freed = try await life.register(epochs: Array(epochs.values))
                return Begun(life: life, inherits: inherits, epochs: epochs, freed: freed)
            } catch {
                await taken?.end()
                let isOutage =
                    switch error {
                    case let error as PostgresError: error.isConnectionTrouble || error.isServerTrouble
                    case let error as QueueError: error.code == .unreachable
                    default: false
                    }
                guard isOutage else { throw error }
                logger.warning("a server went away at the start", metadata: [LogKey.error: "\(error)"])
            }
        }
    }

    /// Says which store of artifacts this host sees, so that `doctor` can tell whether all see one.
    private func sightStore(_ services: FleetServices, _ logger: Logger) async {
        do {
            let store = try await StoreMark(root: configuration.artifacts).read(making: true)
            try await services.ledger.sight(store: store, at: configuration.artifacts, from: Host.name)
        } catch {
            // Whatever is wrong with the store, the first stage that needs it tells it better.
            logger.warning("the store of artifacts can't be marked", metadata: [LogKey.error: "\(error)"])
        }
    }

    private var timeLimit: Duration { configuration.worker.timeLimit[stage] ?? .seconds(3_600) }
}

extension Failpoints {
    /// The loop has come round; or Redis has heard how a delivery ended.
    fileprivate func heard(_ event: WorkerEvent) {
        switch event {
        case .cameRound: reachBlocking(.loop)
        case .ended(let delivery, _, _, _): reachBlocking(.scriptAfter, job: delivery.job)
        default: break
        }
    }
}

extension Logger {
    fileprivate func of(_ worker: WorkerIdentity) -> Logger {
        var logger = self
        logger[metadataKey: LogKey.worker] = "\(worker.name)"
        return logger
    }
}
