package import FoundationEssentials
import HTTP
package import Production
package import ProviderCalling

/// Publishes on YouTube: through the account that owns the channel and was used least, once, whatever breaks on the way.
///
/// An upload's session is in the log before its first byte goes out; from then on the session itself tells what became of it. A
/// session that is no more is believed to have come to nothing only after looks for the marker over an hour (R15).
package struct YouTubePublisher: Publisher {
    package let provider = YouTubeSettings.provider
    package let steps = Set(PublicationStep.allCases)

    private let settings: YouTubeSettings
    private let line: ProviderLine
    private let accounts: any AccountBook
    private let quotas: any QuotaBook
    private let authorization: GoogleAuthorization
    private let now: @Sendable () -> Date
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - line: to the provider `youtube`.
    ///   - sleep: how pauses between two tries within one attempt are waited for; at most a minute each.
    package init(
        _ settings: YouTubeSettings, over line: ProviderLine, accounts: any AccountBook, quotas: any QuotaBook,
        now: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.settings, self.accounts, self.quotas) = (settings, accounts, quotas)
        (self.now, self.sleep) = (now, sleep)
        self.line = line.hiding([settings.client.secret])
        authorization = GoogleAuthorization(settings.client, at: settings.endpoints, over: line, now: now)
    }

    package func lookUp(
        marker: String, channel: Channel, log: any PublicationLog
    ) async throws -> PublishedVideo? {
        if let published = try await log.published { return published }
        // Before an account was chosen, nothing was asked of anybody.
        guard let chosen = try await log.account else { return nil }
        guard let session = try await log.session else {
            // No byte goes out before its session is kept; but a ledger that came from a backup may have forgotten one.
            return try await found(marker, through: chosen, since: .distantPast, log)
        }
        let sessions = UploadSessions(account: accountLine(session.account), sleep: sleep)
        switch try await sessions.state(of: session, log: log) {
        case .open: return nil
        case .done(let id?): return try await keep(id, log)
        case .done(nil): return try await afterDone(marker, session, log)
        case .expired: return try await afterExpiry(marker, session, log)
        }
    }

    package func publish(_ publication: Publication, log: any PublicationLog) async throws -> PublishedVideo {
        let video: PublishedVideo
        if let published = try await log.published {
            video = published
        } else {
            video = try await upload(publication, log)
        }
        guard let account = try await log.account else {
            throw line.failure(
                .permanent, asked: "finish \(video.location)",
                answer: "nothing says through which account it was published")
        }
        let finish = FinishingSteps(
            account: accountLine(account), publication: publication, video: video, log: log, sleep: sleep)
        try await finish.run()
        return video
    }

    private func upload(_ publication: Publication, _ log: any PublicationLog) async throws -> PublishedVideo {
        let path = publication.video.path
        let bytes = try await LocalFile.size(of: path, for: line)
        var isNew = false
        // Each round ends a session, or an account's day.
        for _ in 0..<Self.rounds {
            guard let session = try await log.session else {
                isNew = try await open(publication, bytes: bytes, log)
                continue
            }
            let sessions = UploadSessions(account: accountLine(session.account), sleep: sleep)
            let end: UploadSessions.End
            if session.bytes == bytes {
                end = try await sessions.fill(session, from: path, isNew: isNew, log: log)
            } else {
                // The video was rendered again: its bytes can't go on where the others stopped.
                end = try await sessions.state(of: session, log: log)
            }
            isNew = false
            switch end {
            case .done(let id?): return try await keep(id, log)
            case .done(nil): return try await afterDone(publication.marker, session, log)
            case .expired:
                if let video = try await afterExpiry(publication.marker, session, log) { return video }
            case .open: try await log.lostSession()
            }
        }
        throw line.failure(
            .transient(), asked: "publish \(publication.marker)",
            answer: "\(Self.rounds) upload sessions ended without a video")
    }

    /// An account's limit may end a round, and there are at most fifteen accounts.
    private static let rounds = 20

    /// Opens a session with the account chosen before, or with the one that was used least.
    ///
    /// - Returns: whether there is one now; false where the account's day turned out to be over.
    private func open(_ publication: Publication, bytes: Int64, _ log: any PublicationLog) async throws -> Bool {
        let account = try await choose(for: publication.channel, log)
        // A video may come of it from here on.
        try await log.choose(account.id)
        let sessions = UploadSessions(account: accountLine(account.id), sleep: sleep)
        let session: UploadSession
        do {
            session = try await sessions.open(
                ListingResource.video(publication), bytes: bytes, fileName: "\(publication.marker).mp4",
                notify: publication.channel.publishing.notifiesSubscribers)
        } catch is ChannelDayOver {
            return false
        }
        try await log.opened(session)
        return true
    }

    private func choose(for channel: Channel, _ log: any PublicationLog) async throws -> PublishingAccount {
        let all = try await accounts.accounts(for: channel.id)
        let asked = "choose an account for \(channel.name)"
        guard !all.isEmpty else {
            throw line.failure(
                .permanent, asked: asked,
                answer:
                    "no account publishes for it: `ytempire account assign ACCOUNT USER CHANNEL`, or connect one with "
                    + "`ytempire account connect`, then retry the job"
            )
        }
        let free = all.filter { $0.parked == nil }
        if let chosen = try await log.account, let same = free.first(where: { $0.id == chosen }) { return same }
        if let first = free.first { return first }
        let reasons = all.map { "\($0.name): \($0.parked?.reason ?? "")" }.joined(separator: "; ")
        if let soonest = all.compactMap({ $0.parked?.until }).min() {
            throw line.failure(.limited(until: soonest), asked: asked, answer: "all of its accounts rest: \(reasons)")
        }
        throw line.failure(
            .permanent, asked: asked,
            answer: "all of its accounts are parked: \(reasons). Connect one again with `ytempire account connect`")
    }

    /// The session says that it is complete, without saying what the video is called: it must be found.
    private func afterDone(
        _ marker: String, _ session: UploadSession, _ log: any PublicationLog
    ) async throws -> PublishedVideo {
        if let video = try await found(marker, through: session.account, since: session.openedAt, log) { return video }
        try await waitForNextLook(marker, log, "the upload is complete, and YouTube lists no video of it yet")
        throw line.failure(
            .permanent, asked: "look for \(marker)",
            answer:
                "publication unknown: the upload is complete, and YouTube lists no video of it after an hour. Look for the "
                + "file \(marker).mp4 in YouTube Studio; a retry of the job looks again")
    }

    /// The session is no more. Either nothing came of it, or its last answer was lost.
    ///
    /// - Returns: the video; nil once it may be uploaded again.
    /// - Throws: a limited failure while "not found" is not to be believed yet.
    private func afterExpiry(
        _ marker: String, _ session: UploadSession, _ log: any PublicationLog
    ) async throws -> PublishedVideo? {
        if let video = try await found(marker, through: session.account, since: session.openedAt, log) { return video }
        try await waitForNextLook(
            marker, log,
            "the upload session has expired, and YouTube lists no video of it; it is uploaded again only if that is still so an "
                + "hour after the first look")
        try await log.lostSession()
        return nil
    }

    /// - Throws: a limited failure until an hour has passed since the first look that found nothing.
    private func waitForNextLook(_ marker: String, _ log: any PublicationLog, _ why: String) async throws {
        let believed = try await log.missing().addingTimeInterval(Self.believedAfter)
        guard now() < believed else { return }
        throw line.failure(
            .limited(until: min(now().addingTimeInterval(Self.nextLook), believed)), asked: "look for \(marker)",
            answer: why)
    }

    /// R15: an hour of looks.
    private static let believedAfter: TimeInterval = 3_600
    private static let nextLook: TimeInterval = 900

    private func found(
        _ marker: String, through account: PublishingAccount.ID, since: Date, _ log: any PublicationLog
    ) async throws -> PublishedVideo? {
        guard let id = try await MarkerSearch(account: accountLine(account)).find(marker, since: since) else {
            return nil
        }
        return try await keep(id, log)
    }

    private func keep(_ id: String, _ log: any PublicationLog) async throws -> PublishedVideo {
        let video = PublishedVideo(remoteID: id, location: "https://www.youtube.com/watch?v=\(id)")
        // A fact that a cancellation must not lose; hence a task that hears none, waited for at once.
        try await Task { try await log.publishedAs(video) }.value
        return video
    }

    private func accountLine(_ account: PublishingAccount.ID) -> AccountLine {
        AccountLine(
            account: account, settings: settings, way: line,
            tokens: AccountTokens(account: account, book: accounts, authorization: authorization, line: line),
            book: accounts, quotas: quotas, now: now)
    }
}
