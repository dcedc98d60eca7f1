import Fleet
import Foundation
import Ledger
import Production
import Synchronization

/// The log of one attempt's publication, which is the job's row. Whatever it is asked is read from the row as it stands.
final class JobPublication: PublicationLog {
    private let task: StageTask
    /// Nil where the publisher opens no uploads.
    private let sealing: (any Sealing)?
    private let noted = Mutex<[String: String]>([:])

    init(_ task: StageTask, sealing: (any Sealing)?) { (self.task, self.sealing) = (task, sealing) }

    /// What was noted so far, by the step that it is about.
    var notes: [String: String] { noted.withLock { $0 } }

    var account: PublishingAccount.ID? { get async throws { try await record().account } }
    var session: UploadSession? {
        get async throws {
            guard let kept = try await record().session else { return nil }
            let session = try kept.opened(of: task.assignment.job, by: keys)
            // Left by a release that sealed none.
            if kept.isPlain { try await opened(session) }
            return session
        }
    }
    var published: PublishedVideo? { get async throws { try await record().published } }
    var steps: Set<PublicationStep> { get async throws { try await record().steps } }

    func choose(_ account: PublishingAccount.ID) async throws {
        try fenced(await task.ledger.choose(account, for: task.attempt))
    }

    func opened(_ session: UploadSession) async throws {
        let kept = try KeptSession(session, of: task.assignment.job, sealing: keys)
        try fenced(await task.ledger.keep(kept, for: task.attempt))
    }

    func missing() async throws -> Date {
        guard let since = try await task.ledger.missing(for: task.attempt) else { throw FenceRisen() }
        return since
    }

    func lostSession() async throws { try fenced(await task.ledger.keep(nil, for: task.attempt)) }

    func publishedAs(_ video: PublishedVideo) async throws {
        try await task.ledger.markPublished(task.assignment.job, as: video)
    }

    func finished(_ step: PublicationStep) async throws {
        try fenced(await task.ledger.finished(step, for: task.attempt))
    }

    func note(_ text: String, about step: PublicationStep) async { noted.withLock { $0[step.rawValue] = text } }

    func progress(_ bytes: Int64, of total: Int64) async {
        let megabytes = (Double(bytes) / 1e6).formatted(decimals: 1)
        task.report(
            StageProgress(
                fraction: total > 0 ? Double(bytes) / Double(total) : 0,
                detail: "\(megabytes) of \((Double(total) / 1e6).formatted(decimals: 1)) MB"))
    }

    private var keys: any Sealing {
        get throws {
            guard let sealing else {
                throw StageFailure(
                    .permanent, provider: .own, asked: "find the upload that was begun",
                    answer: "its address is sealed, and who publishes now has no keys: publish.to was changed since")
            }
            return sealing
        }
    }

    private func record() async throws -> PublicationRecord {
        guard let record = try await task.ledger.publication(of: task.attempt) else { throw FenceRisen() }
        return record
    }

    /// A write that the fence refused was made by nobody: nothing more may be sent.
    private func fenced(_ record: PublicationRecord?) throws {
        if record == nil { throw FenceRisen() }
    }
}
