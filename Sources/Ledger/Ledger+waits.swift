package import FoundationEssentials
import Postgres
package import Production

/// What keeps an unfinished job from being begun just now. Whatever does not keep it is empty.
package struct WaitReport: Sendable, Codable, Equatable {
    package let stage: Stage
    /// The stops that cover it.
    package let stops: [PauseReport]
    package let isChannelPaused: Bool
    /// When it is due, if that is still to come.
    package let dueAt: Date?
    /// It has lost workers, and waits until nothing else runs in a process.
    package let mustRunAlone: Bool
    /// Workers of its stage that are alive and don't drain, and how much they take at a time, all together.
    package let workers: Int64
    package let slots: Int64
    /// The first twenty of the jobs that are worked on at its stage.
    package let inHand: [Int64]
    /// How many other jobs are queued there.
    package let others: Int64

    package init(
        stage: Stage, stops: [PauseReport], isChannelPaused: Bool, dueAt: Date?, mustRunAlone: Bool, workers: Int64,
        slots: Int64, inHand: [Int64], others: Int64
    ) {
        (self.stage, self.stops, self.isChannelPaused, self.dueAt) = (stage, stops, isChannelPaused, dueAt)
        (self.mustRunAlone, self.workers, self.slots) = (mustRunAlone, workers, slots)
        (self.inHand, self.others) = (inHand, others)
    }
}

/// What kept a job waiting once.
package struct PastWait: Sendable, Codable, Equatable {
    /// Up to three jobs that were worked on at its stage meanwhile; the first one ended last before it was begun.
    package let inHand: [Int64]
    package let stops: [Stop]

    package struct Stop: Sendable, Codable, Equatable {
        package let scope: String
        package let key: String
        package let reason: String
        package let who: String
        package let until: Date
    }
}

extension Ledger {
    /// What keeps a job from being begun; nil for one that is under way, held or finished.
    package func wait(of id: Job.ID) async throws -> WaitReport? {
        let rows = try await database.query(
            """
            SELECT j.stage, u.name AS user_name, c.state = 'paused' AS channel_paused, j.alone,
                   CASE WHEN j.due_at > now() THEN j.due_at END AS due_at,
                   (SELECT count(*) FROM workers w WHERE \(livingAt("j.stage"))) AS workers,
                   (SELECT COALESCE(sum(w.slots), 0)::bigint FROM workers w WHERE \(livingAt("j.stage"))) AS slots,
                   ARRAY(SELECT o.id FROM jobs o WHERE o.finished_at IS NULL AND o.state = 'running'
                            AND o.stage = j.stage ORDER BY o.id LIMIT 20) AS in_hand,
                   (SELECT count(*) FROM jobs o WHERE o.finished_at IS NULL AND o.state = 'queued'
                       AND o.stage = j.stage AND o.id <> j.id) AS others
            FROM jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
            WHERE j.id = \(id.rawValue) AND j.state IN ('queued', 'waiting')
            """)
        guard let row = rows.first else { return nil }
        let (stage, user): (Stage, String) = try (row.value("stage"), row.get("user_name"))
        return try WaitReport(
            stage: stage, stops: await pauses().filter { $0.covers(stage, of: user) },
            isChannelPaused: row.get("channel_paused"), dueAt: row.get("due_at"), mustRunAlone: row.get("alone"),
            workers: row.get("workers"), slots: row.get("slots"), inHand: row.get("in_hand"),
            others: row.get("others"))
    }

    /// Channels that are paused while jobs of theirs could be begun.
    package func pausedChannels(_ filter: JobFilter) async throws -> [(user: String, channel: String)] {
        try await database.query(
            """
            SELECT DISTINCT u.name AS user_name, c.name AS channel_name
            FROM jobs j JOIN users u ON u.id = j.user_id JOIN channels c ON c.id = j.channel_id
            WHERE \(filter.condition) AND j.state IN ('queued', 'waiting') AND c.state = 'paused' ORDER BY 1, 2
            """
        ).map { try ($0.get("user_name"), $0.get("channel_name")) }
    }

    private func livingAt(_ stage: SQL) -> SQL {
        """
        w.stage = \(stage) AND w.stopped_at IS NULL AND w.beat_at > now() - \(lease)::interval
        AND w.drain_asked IS DISTINCT FROM w.incarnation
        """
    }

    /// What went on at a stage between two moments, seen from a job that waited there.
    func pastWait(of job: Job.ID, at stage: Stage, from start: Date, to end: Date) async throws -> PastWait {
        // No stage lasts longer than two hours; the index is by the beginning.
        let inHand = try await database.query(
            """
            SELECT a.job_id, max(least(COALESCE(a.ended_at, \(end)), \(end))) AS ended FROM attempts a
            WHERE a.stage = \(stage.rawValue) AND a.job_id <> \(job.rawValue)
              AND a.started_at > \(start.addingTimeInterval(-7_200)) AND a.started_at < \(end)
              AND (a.ended_at IS NULL OR a.ended_at > \(start))
            GROUP BY a.job_id ORDER BY ended DESC, a.job_id LIMIT 3
            """)
        let stops = try await database.query(
            """
            SELECT p.scope, COALESCE(u.name, p.key) AS key, p.reason, p.who, p.ended_at
            FROM past_pauses p LEFT JOIN users u ON p.scope = 'user' AND u.id::text = p.key
            WHERE p.ended_at > \(start) AND p.paused_at < \(end)
              AND (p.scope = 'fleet' OR p.scope = 'stage' AND p.key = \(stage.rawValue)
                   OR p.scope = 'user' AND p.key = (SELECT user_id::text FROM jobs WHERE id = \(job.rawValue)))
            ORDER BY p.ended_at DESC LIMIT 5
            """)
        return try PastWait(
            inHand: inHand.map { try $0.get("job_id") },
            stops: stops.map {
                try PastWait.Stop(
                    scope: $0.get("scope"), key: $0.get("key"), reason: $0.get("reason"), who: $0.get("who"),
                    until: $0.get("ended_at"))
            })
    }
}
