package import Foundation
package import Production

/// A publication's log in memory; it tells in which order it was written, and can refuse as a risen fence does.
package actor MemoryPublication: PublicationLog {
    package struct Refused: Error {}

    private let now: @Sendable () -> Date
    package private(set) var account: PublishingAccount.ID?
    package private(set) var session: UploadSession?
    package private(set) var published: PublishedVideo?
    package private(set) var steps: Set<PublicationStep> = []
    /// Every write, in order: `choose 1`, `opened`, `lostSession`, `published ID`, `finished STEP`.
    package private(set) var writes: [String] = []
    package private(set) var notes: [PublicationStep: String] = [:]
    private var missingSince: Date?
    private var refusing: String?

    package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    /// Has writes that begin so be refused from now on.
    package func refuse(_ write: String?) { refusing = write }

    package func choose(_ account: PublishingAccount.ID) throws {
        try write("choose \(account)")
        self.account = account
    }

    package func opened(_ session: UploadSession) throws {
        try write("opened")
        (self.session, account) = (session, session.account)
    }

    package func missing() throws -> Date {
        try write("missing")
        let since = missingSince ?? now()
        missingSince = since
        return since
    }

    package func lostSession() throws {
        try write("lostSession")
        (session, missingSince) = (nil, nil)
    }

    package func publishedAs(_ video: PublishedVideo) throws {
        try write("published \(video.remoteID)")
        if published == nil { published = video }
    }

    package func finished(_ step: PublicationStep) throws {
        try write("finished \(step)")
        steps.insert(step)
    }

    package func note(_ text: String, about step: PublicationStep) { notes[step] = text }
    package func progress(_ bytes: Int64, of total: Int64) {}

    private func write(_ what: String) throws {
        if let refusing, what.hasPrefix(refusing) { throw Refused() }
        writes.append(what)
    }
}
