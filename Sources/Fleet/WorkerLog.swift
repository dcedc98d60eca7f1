import Logging
import StageQueue
import Telemetry

/// What the queue's engine reports, as log lines.
enum WorkerLog {
    static func write(_ event: WorkerEvent, to logger: Logger) {
        switch event {
        case .cameRound, .started, .metEpoch: break
        case .ended(let delivery, _, let owned, let time):
            logger.debug(
                "delivery ended",
                metadata: [
                    LogKey.job: "\(delivery.job)", LogKey.seconds: "\(time / .seconds(1))",
                    LogKey.reason: owned ? "owned" : "not owned any more",
                ])
        case .redisLost(let error, let partition):
            logger.warning("Redis lost", metadata: [LogKey.error: "\(error)", LogKey.partition: "\(partition)"])
        case .redisBack(let time, let partition):
            logger.notice(
                "Redis back", metadata: [LogKey.seconds: "\(time / .seconds(1))", LogKey.partition: "\(partition)"])
        case .unsettled(let delivery, _):
            logger.warning("Redis did not hear of an end", metadata: [LogKey.job: "\(delivery.job)"])
        case .lost(let delivery):
            logger.warning("another worker owns the delivery", metadata: [LogKey.job: "\(delivery.job)"])
        case .reclaimed(let delivery): logger.notice("delivery reclaimed", metadata: [LogKey.job: "\(delivery.job)"])
        case .anomaly(let anomaly):
            logger.warning(
                "foreign entry removed",
                metadata: [LogKey.reason: "\(anomaly.reason.rawValue) \(anomaly.stream) \(anomaly.entry)"])
        case .unknown(let count):
            logger.warning("entries of a newer version left alone", metadata: [LogKey.count: "\(count)"])
        case .newEpoch(let id, let partition):
            logger.notice(
                "Redis is another one; reconciling",
                metadata: [LogKey.epoch: "\(id)", LogKey.partition: "\(partition)"])
        case .failed(let error): logger.error("Redis refused", metadata: [LogKey.error: "\(error)"])
        }
    }
}
