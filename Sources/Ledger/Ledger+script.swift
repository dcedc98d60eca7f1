import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// The channels a job's script may be written for, the assigned one first, then the others in rotation order, each
    /// with the source items it has used and what its latest scripts have said.
    package func candidates(for assignment: JobAssignment) async throws -> [ScriptCandidate] {
        var channels = [assignment.channel]
        if !assignment.channelIsFixed {
            let others = try await self.channels(of: assignment.user).filter { $0.id != assignment.channel.id }
            channels += ChannelRotation(others).order
        }
        var candidates: [ScriptCandidate] = []
        for channel in channels {
            // The job's own item is free to it: a script that is written again is written from the same.
            let used = try await database.query(
                """
                SELECT item, used_at FROM source_items
                WHERE channel_id = \(channel.id.rawValue) AND job_id <> \(assignment.job.rawValue)
                """)
            let items = try used.map { try $0.get("item", as: String.self) }
            let last = try used.map { try $0.get("used_at", as: Date.self) }.max()
            candidates.append(
                ScriptCandidate(
                    channel: channel, usedItems: Set(items), lastUsed: last,
                    past: try await pastScripts(of: channel.id, but: assignment.job)))
        }
        return candidates
    }

    /// A channel's latest scripts, the newest first, without that of one job.
    package func pastScripts(
        of channel: Channel.ID, but job: Job.ID, limit: Int = Self.pastLimit
    ) async throws -> [PastScript] {
        try await database.query(
            """
            SELECT title, shingles FROM past_scripts
             WHERE channel_id = \(channel.rawValue) AND job_id <> \(job.rawValue)
             ORDER BY written_at DESC, job_id DESC LIMIT \(Int64(limit))
            """
        ).map { row in
            try PastScript(title: row.get("title"), shingles: Shingles(hashes: Self.hashes(row.get("shingles"))))
        }
    }

    /// Notes what a job's script says, in the place of what an earlier try said; and forgets those that no later script is
    /// compared with.
    package func note(_ storyboard: Storyboard, for channel: Channel.ID, of job: Job.ID) async throws {
        let bytes = Self.bytes(Shingles(of: storyboard).hashes)
        try await database.execute(
            """
            WITH noted AS (
                INSERT INTO past_scripts (job_id, channel_id, title, shingles)
                VALUES (\(job.rawValue), \(channel.rawValue), \(storyboard.title), \(bytes))
                ON CONFLICT (job_id) DO UPDATE SET channel_id = EXCLUDED.channel_id, title = EXCLUDED.title,
                    shingles = EXCLUDED.shingles, written_at = now())
            DELETE FROM past_scripts WHERE job_id IN (
                SELECT job_id FROM past_scripts WHERE channel_id = \(channel.rawValue)
                 ORDER BY written_at DESC, job_id DESC OFFSET \(Int64(Self.pastLimit)))
            """)
    }

    /// How many scripts of its channel a new one is compared with.
    package static let pastLimit = 60

    private static func bytes(_ hashes: Set<Int64>) -> [UInt8] {
        hashes.sorted().flatMap { hash in withUnsafeBytes(of: hash.bigEndian) { Array($0) } }
    }

    private static func hashes(_ bytes: [UInt8]) -> [Int64] {
        stride(from: 0, to: bytes.count - bytes.count % 8, by: 8).map { start in
            bytes[start..<(start + 8)].reduce(0) { $0 << 8 | Int64($1) }
        }
    }
}
