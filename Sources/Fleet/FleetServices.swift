package import Ledger
package import Logging
package import Postgres
package import Redis
package import StageQueue
import Telemetry

/// The connections and stores an executable works with, wired from the configuration. Closed by `close()`.
package struct FleetServices: Sendable {
    package let configuration: FleetConfiguration
    package let logger: Logger
    package let redis: RedisClient
    package let database: PostgresPool
    package let ledger: Ledger
    package let topology: FleetTopology
    package let queue: PartitionedQueue
    package let reconciler: Reconciler

    package init(_ configuration: FleetConfiguration, logger: Logger) throws {
        (self.configuration, self.logger) = (configuration, logger)
        redis = RedisClient(configuration: configuration.redis, logger: logger)
        database = PostgresPool(configuration: configuration.database, logger: logger)
        ledger = Ledger(
            database: database,
            settings: Ledger.Settings(
                zone: configuration.zone, lease: configuration.worker.lease,
                videoCeiling: configuration.money.videoCeiling, dayCeiling: configuration.money.dayCeiling,
                partitions: configuration.partitions))
        topology = try FleetTopology(namespace: configuration.namespace)
        queue = PartitionedQueue(
            client: redis, topology: topology.queue, partitions: configuration.partitions, lanes: configuration.lanes)
        reconciler = Reconciler(ledger: ledger, queue: queue, topology: topology, logger: logger)
    }

    /// Learns from Postgres which partitions there are. Before anything that concerns the whole queue.
    package func learnPartitions() async throws {
        let known = try await ledger.partitions()
        // None is said to be there before the first worker or coordinator has started.
        queue.know(known.isEmpty ? Set(0..<configuration.partitions) : known)
    }

    /// Says in Postgres that there are the partitions that this configuration gives new jobs to, and learns which there are
    /// beside them. Before making jobs.
    package func openPartitions() async throws {
        let own = Set(0..<configuration.partitions)
        var known = try await ledger.partitions()
        if !known.isSuperset(of: own) {
            try await ledger.open(partitions: own)
            known.formUnion(own)
        }
        queue.know(known)
    }

    package func close() async {
        await redis.close()
        await database.close()
    }

    /// Runs with services that are closed whatever happens.
    package static func with<Answer>(
        _ configuration: FleetConfiguration, logger: Logger, _ body: (FleetServices) async throws -> Answer
    ) async throws -> Answer {
        let services = try FleetServices(configuration, logger: logger)
        do {
            let answer = try await body(services)
            await services.close()
            return answer
        } catch {
            await services.close()
            throw error
        }
    }
}
