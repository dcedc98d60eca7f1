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
    /// The account it goes through; nil until one is chosen.
    package let account: PublishingAccount.ID?
    /// The upload that stands open.
    package let session: KeptSession?
    /// When neither the session nor its video was first found any more.
    package let missingSince: Date?
    /// What was done once the last byte was acknowledged.
    package let steps: Set<PublicationStep>
}

extension Ledger {
    /// Opens the job's publication, or takes up the one that an earlier attempt opened; nil if the fence has risen.
    ///
    /// - Parameter inSessions: whether the provider sends nothing before a session is kept: until then the job may be cancelled.
    package func openPublication(
        for attempt: OpenAttempt, marker: String, provider: ProviderName, inSessions: Bool = false
    ) async throws -> PublicationRecord? {
        try await publication(
            """
            INSERT INTO publications AS p (job_id, marker, provider, in_sessions, fence)
            SELECT j.id, \(marker), \(provider.rawValue), \(inSessions), j.fence FROM jobs j
             WHERE j.id = \(attempt.job.rawValue) AND j.fence = \(Int64(attempt.fence))::integer AND j.state = 'running'
               FOR UPDATE
            ON CONFLICT (job_id) DO UPDATE SET fence = EXCLUDED.fence, in_sessions = p.in_sessions AND EXCLUDED.in_sessions
            """)
    }

    /// Says, before the first byte goes out, that it may have. Nil if the fence has risen: nothing may be sent.
    package func markSending(_ attempt: OpenAttempt) async throws -> PublicationRecord? {
        try await update(attempt, "sending_at = COALESCE(sending_at, now())")
    }

    /// The job's publication as it stands; nil if the fence has risen.
    package func publication(of attempt: OpenAttempt) async throws -> PublicationRecord? {
        try await update(attempt, "fence = p.fence")
    }

    /// Notes the account before a session is asked for. Nil if the fence has risen: nothing may be sent.
    package func choose(
        _ account: PublishingAccount.ID, for attempt: OpenAttempt
    ) async throws -> PublicationRecord? {
        try await update(attempt, "account_id = \(account.rawValue)")
    }

    /// Notes an open session before its first byte; nil for the one that is no more. Nil if the fence has risen.
    package func keep(
        _ session: KeptSession?, for attempt: OpenAttempt
    ) async throws -> PublicationRecord? {
        guard let session else {
            return try await update(
                attempt,
                """
                session_address = NULL, session_bytes = NULL, session_opened_at = NULL, session_missing_at = NULL
                """)
        }
        return try await update(
            attempt,
            """
            account_id = \(session.account.rawValue), session_address = \(session.address),
            session_bytes = \(session.bytes), session_opened_at = \(session.openedAt)
            """)
    }

    /// Notes that neither the session nor its video is to be found. Nil if the fence has risen.
    ///
    /// - Returns: when that was first noted of this session.
    package func missing(for attempt: OpenAttempt) async throws -> Date? {
        try await update(attempt, "session_missing_at = COALESCE(p.session_missing_at, now())")?.missingSince
    }

    /// The next moment, ten minutes ahead or more, at which it is so late of day for a user: what an upload that begins now can
    /// still be scheduled for.
    package func nextMoment(at time: TimeOfDay, for user: User.ID) async throws -> Date? {
        let rows = try await database.query(
            """
            SELECT min(instant) AS moment
              FROM (SELECT COALESCE(time_zone, \(settings.zone)::text) AS zone FROM users WHERE id = \(user.rawValue)) z
             CROSS JOIN generate_series(0, 2) AS ahead
             CROSS JOIN LATERAL (
                SELECT ((now() AT TIME ZONE zone)::date + ahead + \(time.description)::text::time) AT TIME ZONE zone) m (instant)
             WHERE instant >= now() + interval '10 minutes'
            """)
        return try rows.first?.get("moment")
    }

    /// Notes what was done after the upload. Nil if the fence has risen.
    package func finished(_ step: PublicationStep, for attempt: OpenAttempt) async throws -> PublicationRecord? {
        try await update(
            attempt, "steps = ARRAY(SELECT DISTINCT unnest(p.steps || ARRAY[\(step.rawValue)::text]) ORDER BY 1)")
    }

    private func update(_ attempt: OpenAttempt, _ change: SQL) async throws -> PublicationRecord? {
        try await publication(
            """
            UPDATE publications AS p SET \(change)
             WHERE p.job_id = \(attempt.job.rawValue) AND p.fence = \(Int64(attempt.fence))::integer
               AND EXISTS (SELECT FROM jobs j WHERE j.id = p.job_id AND j.fence = p.fence AND j.state = 'running' FOR UPDATE)
            """)
    }

    /// Keeps where the video is published, and forgets the upload that it came by. Not fenced: it is a fact, whoever holds the
    /// job now.
    package func markPublished(_ job: Job.ID, as video: PublishedVideo) async throws {
        try await database.execute(
            """
            UPDATE publications SET remote_id = \(video.remoteID), location = \(video.location), published_at = now(),
                   session_address = NULL, session_bytes = NULL, session_opened_at = NULL, session_missing_at = NULL
            WHERE job_id = \(job.rawValue) AND published_at IS NULL
            """)
    }

    private static let sessionColumns: SQL = """
        p.account_id, p.session_address, p.session_bytes, p.session_opened_at, p.session_missing_at,
        array_to_string(p.steps, ' ') AS steps
        """

    private func publication(_ statement: SQL) async throws -> PublicationRecord? {
        let rows = try await database.query(
            "\(statement) RETURNING p.marker, p.started_at, p.sending_at, p.remote_id, p.location, \(Self.sessionColumns)"
        )
        return try rows.first.map { row in
            let remoteID: String? = try row.get("remote_id")
            let location: String? = try row.get("location")
            let published = remoteID.flatMap { id in location.map { PublishedVideo(remoteID: id, location: $0) } }
            let account: Int64? = try row.get("account_id")
            let address: String? = try row.get("session_address")
            var session: KeptSession?
            if let address, let account {
                session = try KeptSession(
                    address: address, account: .init(account), bytes: row.get("session_bytes"),
                    openedAt: row.get("session_opened_at"))
            }
            let steps: String = try row.get("steps")
            return try PublicationRecord(
                marker: row.get("marker"), startedAt: row.get("started_at"), sendingAt: row.get("sending_at"),
                published: published, account: account.map { .init($0) }, session: session,
                missingSince: row.get("session_missing_at"),
                steps: Set(steps.split(separator: " ").compactMap { PublicationStep(rawValue: String($0)) }))
        }
    }
}
