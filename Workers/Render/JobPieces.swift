import Fleet
import Foundation
import Ledger
import Media
import Production

/// What is finished of a job's video, in the artifact store: an attempt that comes after one that was killed takes it up.
/// Every failure to find or to keep something only costs the time to make it again.
struct JobPieces: SegmentStore {
    private let task: StageTask
    /// Those of earlier attempts.
    private let earlier: [String: Artifact]

    init(_ task: StageTask) async {
        self.task = task
        earlier = (try? await task.ledger.pieces(of: task.assignment.job)) ?? [:]
    }

    func find(_ key: String) async throws -> String? {
        guard let artifact = earlier[key] else { return nil }
        return try await task.artifacts.file(of: artifact.id).path(percentEncoded: false)
    }

    func keep(_ file: String, as key: String) async throws -> String {
        // The store may move away what it is given before Postgres turns out to be away: it gets a second name, and the
        // render goes on with the first.
        let artifact = try await task.keep(task.scratch.secondName(of: URL(filePath: file)))
        try await task.ledger.keepPiece(artifact, of: task.assignment.job, as: key)
        return file
    }
}
