import FoundationEssentials
import Postgres
package import Production

extension Ledger {
    /// The channels a job's script may be written for, the assigned one first, then the others in rotation order, each
    /// with the source items it has used.
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
            candidates.append(ScriptCandidate(channel: channel, usedItems: Set(items), lastUsed: last))
        }
        return candidates
    }
}
