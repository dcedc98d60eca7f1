import Foundation
import Postgres
import Redis
import TestServers

/// What must hold once the jobs of a drill have ended, whatever was done to the fleet on the way.
struct Oracle {
    struct Verdict: Sendable {
        var jobs = 0
        /// Acknowledged, and never ended.
        var lost = 0
        /// Ended or published twice; a stage's effect twice.
        var doubled = 0
        /// In words, with the jobs that show it.
        var violations: [(words: String, jobs: [Int64])] = []
    }

    let fleet: FaultFleet
    /// The jobs that must be dead letters: poison. All others that die are innocent.
    var poisoned: Set<Int64> = []
    /// Jobs of which a stage may have been done again, because its artifact was lost.
    var madeAgain: Set<Int64> = []
    /// False where a drill has Postgres' clock step: then times tell no order.
    var clockIsSteady = true
    /// Jobs which may be cancelled.
    var cancelled: Set<Int64> = []

    init(_ fleet: FaultFleet) { self.fleet = fleet }

    /// Checks everything; waits for what is on its way to Redis to arrive there.
    ///
    /// - Throws: `DrillFailure` with the history of the jobs concerned.
    @discardableResult
    func check() async throws -> Verdict {
        var verdict = Verdict()
        verdict.jobs = Int(try await fleet.number("SELECT count(*) FROM jobs"))
        try await checkEnds(&verdict)
        try await checkEffects(&verdict)
        try await checkPublications(&verdict)
        if let peers = fleet.peers {
            try await checkChannel(of: peers, &verdict)
        } else {
            try await checkFolder(&verdict)
        }
        try await checkMoney(&verdict)
        try await checkRest(&verdict)
        guard verdict.violations.isEmpty else {
            var text = "the oracle: \(verdict.violations.count) violations\n"
            for violation in verdict.violations {
                text += "  \(violation.words): \(violation.jobs.isEmpty ? "" : "jobs \(violation.jobs.prefix(10))")\n"
            }
            for job in Set(verdict.violations.flatMap { $0.jobs.prefix(2) }).sorted().prefix(4) {
                text += await fleet.history(of: job)
            }
            throw DrillFailure(text)
        }
        return verdict
    }

    private func jobs(_ sql: SQL) async throws -> [Int64] { try await fleet.database.query(sql).map { try $0.get(0) } }

    /// Every acknowledged job has ended, as it may.
    private func checkEnds(_ verdict: inout Verdict) async throws {
        let known = Set(try await jobs("SELECT id FROM jobs"))
        let unknown = fleet.acknowledgedJobs.subtracting(known).sorted()
        let unfinished = try await jobs("SELECT id FROM jobs WHERE finished_at IS NULL ORDER BY id")
        verdict.lost = unknown.count + unfinished.count
        verdict.note("acknowledged, and not in Postgres", unknown)
        verdict.note("never ended", unfinished)
        let dead = try await jobs("SELECT id FROM jobs WHERE state = 'dead' ORDER BY id")
        verdict.note("innocent, and buried", dead.filter { !poisoned.contains($0) })
        verdict.note("poison, and not buried", poisoned.subtracting(dead).sorted())
        let ended = try await jobs("SELECT id FROM jobs WHERE state = 'cancelled' ORDER BY id")
        verdict.note("cancelled by nobody", ended.filter { !cancelled.contains($0) })
    }

    /// No stage's effect twice: one attempt succeeded a stage, and what the job has is that attempt's.
    private func checkEffects(_ verdict: inout Verdict) async throws {
        let twice = try await jobs(
            """
            SELECT DISTINCT job_id FROM attempts WHERE state = 'succeeded' GROUP BY job_id, stage HAVING count(*) > 1
            """
        ).filter { !madeAgain.contains($0) }
        verdict.doubled += twice.count
        verdict.note("a stage that succeeded twice", twice)
        verdict.note(
            "published without each stage having succeeded",
            try await jobs(
                """
                SELECT id FROM jobs WHERE state = 'published' AND 4 <> (SELECT count(DISTINCT stage) FROM attempts
                    WHERE job_id = jobs.id AND state = 'succeeded') ORDER BY id
                """))
        verdict.note(
            "an artifact by an attempt that did not succeed",
            try await jobs(
                """
                SELECT DISTINCT ja.job_id FROM job_artifacts ja JOIN attempts a ON a.id = ja.attempt_id
                WHERE a.state <> 'succeeded'
                """))
        verdict.note(
            "two jobs for one user and day",
            try await jobs(
                """
                SELECT max(id) FROM jobs WHERE kind = 'daily' GROUP BY user_id, production_day HAVING count(*) > 1
                """))
        guard clockIsSteady else { return }
        verdict.note(
            "an attempt begun while another was open",
            try await jobs(
                """
                SELECT DISTINCT a.job_id FROM attempts a JOIN attempts b ON b.job_id = a.job_id AND b.fence < a.fence
                WHERE b.ended_at > a.started_at
                """))
    }

    /// One publication each, in the table.
    private func checkPublications(_ verdict: inout Verdict) async throws {
        verdict.note(
            "published, and not in the table",
            try await jobs(
                """
                SELECT id FROM jobs WHERE state = 'published' AND NOT EXISTS (
                    SELECT FROM publications p WHERE p.job_id = jobs.id AND p.published_at IS NOT NULL) ORDER BY id
                """))
        verdict.note(
            "in the table as published, and not published",
            try await jobs(
                """
                SELECT id FROM jobs WHERE state <> 'published' AND EXISTS (
                    SELECT FROM publications p WHERE p.job_id = jobs.id AND p.published_at IS NOT NULL) ORDER BY id
                """))
    }

    /// One publication each, in the folder, and it is the video that the job has.
    private func checkFolder(_ verdict: inout Verdict) async throws {
        var markers: [String: Int] = [:]
        struct Entry: Decodable { var marker: String }
        let root = fleet.folder.appending(path: "published")
        let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        for file in (found?.allObjects as? [URL] ?? []) where file.pathExtension == "json" {
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(contentsOf: file)) else { continue }
            markers[entry.marker, default: 0] += 1
        }
        let published = try await jobs("SELECT id FROM jobs WHERE state = 'published'")
        let doubled = markers.filter { $0.value > 1 }.keys.compactMap { Int64($0.split(separator: "-").last ?? "") }
        verdict.doubled += doubled.count
        verdict.note("published twice in the folder", doubled.sorted())
        verdict.note("published, and not in the folder", published.filter { markers["ytempire-\($0)"] == nil })
        let others = Set(markers.keys).subtracting(published.map { "ytempire-\($0)" })
        verdict.note(
            "in the folder, and not published", others.compactMap { Int64($0.split(separator: "-").last ?? "") })
        for row in try await fleet.database.query(
            """
            SELECT p.job_id, p.location, encode(ja.sha256, 'hex') AS hash FROM publications p
            JOIN job_artifacts ja ON ja.job_id = p.job_id AND ja.kind = 'video' WHERE p.published_at IS NOT NULL
            """)
        {
            let location: String = try row.get("location")
            let path = location.hasPrefix("file:") ? (URL(string: location)?.path ?? location) : location
            let hash: String = try row.get("hash")
            let kept = fleet.artifacts.appending(path: "\(hash.prefix(2))/\(hash.dropFirst(2).prefix(2))/\(hash)")
            guard try Data(contentsOf: URL(filePath: path)) == Data(contentsOf: kept) else {
                verdict.note("another video published than kept", [try row.get("job_id")])
                continue
            }
        }
    }

    /// The provider's own count ≤ the ledger ≤ the provider's own count and the rows in doubt; below every ceiling; and
    /// nothing is held any more once the deadlines of calls that died have passed.
    private func checkMoney(_ verdict: inout Verdict) async throws {
        try? await eventually("no reservation is open", within: .seconds(60), every: .seconds(1)) {
            if try await fleet.number("SELECT count(*) FROM reservations WHERE state = 'open'") == 0 { return true }
            try await fleet.coordinate(nil)
            return false
        }
        for line in try await fleet.books().flatMap(\.complaints) { verdict.violations.append(("money: \(line)", [])) }
        let billed = Int64(fleet.provider.billed)
        let rows = try await fleet.number(
            "SELECT count(*) FROM cost_rows WHERE reservation_id IS NOT NULL AND provider = 'rehearsal'")
        let doubted = try await fleet.number(
            "SELECT count(*) FROM cost_rows WHERE in_doubt AND provider = 'rehearsal'")
        if !(billed <= rows && rows <= billed + doubted) {
            verdict.violations.append(
                ("money: the provider billed \(billed), the ledger has \(rows), of which \(doubted) in doubt", []))
        }
        verdict.note(
            "a reservation left open", try await jobs("SELECT job_id FROM reservations WHERE state = 'open'"))
        let wrong = try await fleet.texts(
            """
            SELECT scope || ' ' || key || ' held ' || held FROM counters WHERE held <> 0
            UNION ALL SELECT 'video ' || c.key || ' spent ' || c.spent FROM counters c
                WHERE scope = 'video' AND spent <> (SELECT COALESCE(sum(amount), 0) FROM cost_rows WHERE job_id::text = c.key)
            UNION ALL SELECT 'day ' || c.key || ' spent ' || c.spent FROM counters c
                WHERE scope = 'day' AND spent <> (SELECT sum(amount) FROM cost_rows WHERE money_day::text = c.key)
            UNION ALL SELECT 'reservations above the ceiling of ' || c.scope || ' ' || c.key FROM counters c
                WHERE scope = 'video' AND ceiling < (
                    SELECT sum(actual) FROM reservations WHERE job_id::text = c.key AND state IN ('settled', 'in_doubt'))
            """)
        if !wrong.isEmpty { verdict.violations.append(("money: " + wrong.prefix(5).joined(separator: "; "), [])) }
    }

    /// Nothing open, nothing on its way: Redis may still be hearing of the last, so this waits.
    private func checkRest(_ verdict: inout Verdict) async throws {
        verdict.note(
            "an attempt left open", try await jobs("SELECT job_id FROM attempts WHERE state = 'running'"))
        var rest = "?"
        do {
            try await eventually("Redis is empty", within: .seconds(30)) {
                rest = try await leftInRedis()
                return rest.isEmpty
            }
        } catch {
            verdict.violations.append(("left in Redis: \(rest)", []))
        }
    }

    /// The deliveries that Redis still has, by key; empty if there are none.
    private func leftInRedis() async throws -> String {
        var left: [String] = []
        let servers = try await fleet.redis.sendToEveryPrimary(RedisCommand("KEYS", "{ytempire:*"))
        for key in try servers.flatMap({ try $0.reply.array() }) {
            let name = try key.string()
            let command: RedisCommand? =
                if name.contains("}:ready:") {
                    RedisCommand("XLEN", RedisArgument(name))
                } else if name.hasSuffix("}:delayed") {
                    RedisCommand("ZCARD", RedisArgument(name))
                } else if name.hasSuffix("}:live") {
                    RedisCommand("HLEN", RedisArgument(name))
                } else if name.contains("}:waiting:") {
                    RedisCommand("LLEN", RedisArgument(name))
                } else {
                    nil
                }
            guard let command else { continue }
            let count = try await fleet.redis.send(command).integer()
            if count > 0 { left.append("\(name) \(count)") }
        }
        return left.joined(separator: ", ")
    }
}

extension Oracle.Verdict {
    mutating func note(_ words: String, _ jobs: [Int64]) {
        if !jobs.isEmpty { violations.append((words, jobs)) }
    }
}
