import Postgres
package import Production

/// Which partitions of the queue there are: a row of duties each, beside the duty of reconciling them.
extension Ledger {
    /// Says that there are these partitions. Whoever gives jobs to a partition says so before.
    package func open(partitions: some Sequence<Int>) async throws {
        let names = partitions.map { "partition \($0)" }
        try await database.execute(
            """
            INSERT INTO duties (name, done_at) SELECT name, now() FROM unnest(\(names)::text[]) AS name
            ON CONFLICT (name) DO NOTHING
            """)
    }

    /// Every partition that has or may have jobs.
    package func partitions() async throws -> Set<Int> {
        let rows = try await database.query(
            "SELECT substr(name, 11)::bigint AS number FROM duties WHERE name ~ '^partition [0-9]{1,5}$'")
        return Set(try rows.map { Int(try $0.get("number", as: Int64.self)) })
    }

    /// Closes a partition to which no new jobs are given, if no unfinished job is left in it.
    package func close(partition: Int) async throws -> Bool {
        try await database.execute(
            """
            DELETE FROM duties WHERE name = \("partition \(partition)")
              AND NOT EXISTS (SELECT FROM jobs WHERE finished_at IS NULL AND partition = \(Int64(partition))::bigint)
            """) > 0
    }

    /// The names of the living workers of a stage, in order.
    package func livingWorkers(at stage: Stage) async throws -> [String] {
        try await database.query(
            """
            SELECT name FROM workers
            WHERE stage = \(stage.rawValue) AND stopped_at IS NULL AND beat_at > now() - \(lease)::interval ORDER BY name
            """
        ).map { try $0.get("name") }
    }
}
