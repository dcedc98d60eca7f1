package import FoundationEssentials

/// An upload under way, as its publisher must find it again after a crash.
package struct UploadSession: Sendable, Equatable {
    /// Where the bytes go. Whoever has the address can write there: it is kept like a secret.
    package let address: Secret
    package let account: PublishingAccount.ID
    /// Of the whole file.
    package let bytes: Int64
    package let openedAt: Date

    package init(address: Secret, account: PublishingAccount.ID, bytes: Int64, openedAt: Date) {
        (self.address, self.account, self.bytes, self.openedAt) = (address, account, bytes, openedAt)
    }
}

/// What follows the upload itself; each is done once.
package enum PublicationStep: String, Sendable, Codable, CaseIterable { case verified, thumbnail, playlist, captions }

/// A job's publication, step by step. Each write is fenced and committed before the next byte goes out: one that throws
/// `FenceRisen` (or anything else) means that nothing more may be sent.
package protocol PublicationLog: Sendable {
    /// The account that an earlier attempt chose; nil if none has.
    var account: PublishingAccount.ID? { get async throws }
    /// The session that stands open; nil if none does.
    var session: UploadSession? { get async throws }
    /// The video's id, once its last byte was acknowledged.
    var published: PublishedVideo? { get async throws }
    var steps: Set<PublicationStep> { get async throws }

    /// Before a session is asked for: a video may come of it from now on.
    func choose(_ account: PublishingAccount.ID) async throws
    /// Before the first byte is sent to it.
    func opened(_ session: UploadSession) async throws
    /// The session is no more, and its video is not to be found.
    ///
    /// - Returns: when that was first said of this session.
    func missing() async throws -> Date
    /// The session is no more, and certainly nothing came of it.
    func lostSession() async throws
    /// The last byte was acknowledged: a fact, kept whoever holds the job now.
    func publishedAs(_ video: PublishedVideo) async throws
    func finished(_ step: PublicationStep) async throws
    /// Something to be told with the attempt, such as why a step that is not needed was left out.
    func note(_ text: String, about step: PublicationStep) async
    /// Tells live views how far the upload is: bytes that were handed over, or that the other side has confirmed.
    func progress(_ bytes: Int64, of total: Int64) async
}
