package import FoundationEssentials
import Postgres
package import Production

/// A job's publication as it stands.
package struct PublicationRecord: Sendable, Equatable {
    package let marker: String
    /// When the publication was first begun: the same at every try.
    package let startedAt: Date
    /// Set once a byte may have gone out.
    package let sendingAt: Date?
    package let published: PublishedVideo?
}

extension Ledger {
    /// Opens the job's publication, or takes up the one that an earlier attempt opened; nil if the fence has risen.
    package func openPublication(
        for attempt: OpenAttempt, marker: String, provider: ProviderName
    ) async throws -> PublicationRecord? {
        try await publication(
            """
            INSERT INTO publications AS p (job_id, marker, provider, fence)
            SELECT j.id, \(marker), \(provider.rawValue), j.fence FROM jobs j
             WHERE j.id = \(attempt.job.rawValue) AND j.fence = \(Int64(attempt.fence))::integer AND j.state = 'running'
               FOR UPDATE
            ON CONFLICT (job_id) DO UPDATE SET fence = EXCLUDED.fence
            """)
    }

    /// Says, before the first byte goes out, that it may have. Nil if the fence has risen: nothing may be sent.
    package func markSending(_ attempt: OpenAttempt) async throws -> PublicationRecord? {
        try await publication(
            """
            UPDATE publications AS p SET sending_at = COALESCE(sending_at, now())
             WHERE p.job_id = \(attempt.job.rawValue) AND p.fence = \(Int64(attempt.fence))::integer
               AND EXISTS (SELECT FROM jobs j WHERE j.id = p.job_id AND j.fence = p.fence AND j.state = 'running' FOR UPDATE)
            """)
    }

    /// Keeps where the video is published. Not fenced: it is a fact, whoever holds the job now.
    package func markPublished(_ job: Job.ID, as video: PublishedVideo) async throws {
        try await database.execute(
            """
            UPDATE publications SET remote_id = \(video.remoteID), location = \(video.location), published_at = now()
            WHERE job_id = \(job.rawValue) AND published_at IS NULL
            """)
    }

    private func publication(_ statement: SQL) async throws -> PublicationRecord? {
        let rows = try await database.query(
            "\(statement) RETURNING p.marker, p.started_at, p.sending_at, p.remote_id, p.location")
        return try rows.first.map { row in
            let remoteID: String? = try row.get("remote_id")
            let location: String? = try row.get("location")
            let published = remoteID.flatMap { id in location.map { PublishedVideo(remoteID: id, location: $0) } }
            return try PublicationRecord(
                marker: row.get("marker"), startedAt: row.get("started_at"), sendingAt: row.get("sending_at"),
                published: published)
        }
    }
}
