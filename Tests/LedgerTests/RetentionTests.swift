import Foundation
import Ledger
import Postgres
import Production
import Synchronization
import Testing

@Suite struct `Retention` {
    /// What was removed from the store, in order.
    private final class Shredder: Sendable {
        private let removed = Mutex<[Artifact]>([])
        var files: [Artifact] { removed.withLock { $0 } }
        func remove(_ artifact: Artifact) { removed.withLock { $0.append(artifact) } }
    }

    /// A job that made one artifact at its script stage.
    private func job(_ shop: Workshop, making made: Artifact, by worker: WorkerIdentity) async throws -> Job.ID {
        let job = try await shop.job()
        let attempt = try await shop.begin(job, by: worker)
        _ = try await shop.ledger.end(
            attempt, .succeeded(StageResult(artifacts: [.storyboard: made])), AttemptRecord())
        return job
    }

    private func doomed(_ shop: Workshop) async throws -> [[UInt8]] {
        try await shop.pool.query("SELECT sha256 FROM artifacts WHERE doomed_at IS NOT NULL ORDER BY sha256")
            .map { try $0.get("sha256") }
    }

    @Test func `dooms only what no unfinished, dead or fresh job refers to`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let files = try (1...6).map { try artifact(UInt8($0)) }
        _ = try await job(shop, making: files[0], by: worker)
        let dead = try await job(shop, making: files[1], by: worker)
        let old = try await job(shop, making: files[2], by: worker)
        let fresh = try await job(shop, making: files[3], by: worker)
        let shared = try await job(shop, making: files[0], by: worker)
        try await shop.ledger.claim([files[4], files[5]])
        _ = try await shop.ledger.end(shop.begin(dead, .voice, by: worker), .failed(trouble), AttemptRecord())
        for job in [old, fresh, shared] { try await shop.cancel(job) }
        try await shop.pool.execute(
            "UPDATE jobs SET finished_at = now() - interval '8 days' WHERE id NOT IN (\(fresh.rawValue)) AND finished_at IS NOT NULL"
        )
        #expect(try await shop.ledger.doomArtifacts(keep: .seconds(7 * 86_400)) == 0, "all files are young")
        try await shop.pool.execute(
            "UPDATE artifacts SET created_at = now() - interval '9 days' WHERE sha256 <> \(files[5].id.bytes)")
        #expect(try await shop.ledger.doomArtifacts(keep: .seconds(7 * 86_400)) == 2)
        #expect(try await doomed(shop) == [files[2].id.bytes, files[4].id.bytes])
        #expect(try await shop.ledger.doomArtifacts(keep: .seconds(7 * 86_400)) == 0)
    }

    @Test func `deletes the doomed after the wait, file first, with what history said of them`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let file = try artifact(1)
        let old = try await job(shop, making: file, by: worker)
        try await shop.cancel(old)
        #expect(try await shop.ledger.doomArtifacts(keep: .zero) == 1)
        let shredder = Shredder()
        let early = try await shop.ledger.deleteDoomed(after: .seconds(3_600), removeFile: shredder.remove)
        #expect(early.isEmpty && shredder.files.isEmpty)
        struct DiskTrouble: Error {}
        await #expect(throws: DiskTrouble.self) {
            try await shop.ledger.deleteDoomed(after: .zero) { _ in throw DiskTrouble() }
        }
        #expect(try await shop.ledger.artifacts(of: old).count == 1, "the row stays until its file is gone")
        #expect(try await shop.ledger.deleteDoomed(after: .zero, removeFile: shredder.remove) == [file])
        #expect(shredder.files == [file])
        #expect(try await shop.number("SELECT count(*) FROM artifacts") == 0)
        #expect(try await shop.ledger.artifacts(of: old).isEmpty)
    }

    @Test func `keeps no other file because one can't be removed`() async throws {
        let shop = try await Workshop()
        let files = try (1...3).map { try artifact(UInt8($0)) }
        try await shop.ledger.claim(files)
        #expect(try await shop.ledger.doomArtifacts(keep: .zero) == 3)
        struct DiskTrouble: Error {}
        let shredder = Shredder()
        await #expect(throws: DiskTrouble.self) {
            try await shop.ledger.deleteDoomed(after: .zero) { file in
                guard file != files[1] else { throw DiskTrouble() }
                shredder.remove(file)
            }
        }
        #expect(Set(shredder.files) == [files[0], files[2]])
        #expect(try await doomed(shop) == [files[1].id.bytes])
    }

    @Test func `spares what a job came to refer to after all`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let file = try artifact(1)
        let job = try await job(shop, making: file, by: worker)
        try await shop.pool.execute("UPDATE artifacts SET doomed_at = now() - interval '1 day'")
        let shredder = Shredder()
        #expect(try await shop.ledger.deleteDoomed(after: .zero, removeFile: shredder.remove).isEmpty)
        #expect(shredder.files.isEmpty)
        #expect(try await doomed(shop).isEmpty)
        #expect(try await shop.ledger.artifacts(of: job).count == 1)
    }

    @Test func `keeps the pieces of an unfinished job, and frees them at its end`() async throws {
        let shop = try await Workshop()
        let worker = try await shop.worker()
        let (piece, shared, both) = (try artifact(1), try artifact(2), try artifact(3))
        let ledger = shop.ledger
        let first = try await job(shop, making: shared, by: worker)
        let second = try await shop.job()
        try await ledger.claim([piece, both])
        func key(_ digit: String) -> String { String(repeating: digit, count: 64) }
        try await ledger.keepPiece(piece, of: first, as: key("a"))
        try await ledger.keepPiece(shared, of: first, as: key("b"))
        try await ledger.keepPiece(both, of: first, as: key("c"))
        try await ledger.keepPiece(both, of: second, as: key("c"))
        #expect(try await ledger.pieces(of: first) == [key("a"): piece, key("b"): shared, key("c"): both])
        #expect(try await ledger.doomArtifacts(keep: .zero) == 0, "they are needed")
        #expect(try await ledger.freePieces() == 0)

        try await shop.cancel(first)
        #expect(try await ledger.freePieces() == 3)
        #expect(try await doomed(shop) == [piece.id.bytes], "an artifact of a job, and another job's piece, stay")
        #expect(try await ledger.pieces(of: first).isEmpty)
        #expect(try await ledger.pieces(of: second) == [key("c"): both])
        // A worker that has not heard of the end yet.
        try await ledger.keepPiece(shared, of: first, as: key("d"))
        // What is to be deleted is no use to anyone.
        try await ledger.keepPiece(piece, of: second, as: key("e"))
        #expect(try await shop.number("SELECT count(*) FROM job_pieces") == 1)

        let shredder = Shredder()
        #expect(try await ledger.deleteDoomed(after: .zero, removeFile: shredder.remove) == [piece])
    }

    @Test func `refuses a doomed artifact at commit, until it is claimed`() async throws {
        let shop = try await Workshop()
        let (worker, file) = (try await shop.worker(), try artifact(1))
        try await shop.ledger.claim([file, artifact(2)])
        #expect(try await shop.ledger.doomArtifacts(keep: .zero) == 2)
        let job = try await shop.job()
        let first = try await shop.begin(job, by: worker)
        let result = StageResult(artifacts: [.storyboard: file])
        guard case .committed(let next?) = try await shop.ledger.end(first, .succeeded(result), AttemptRecord()) else {
            Issue.record("not tried again")
            return
        }
        #expect(next.stage == .script)
        #expect(try await shop.attemptState(first.id) == .retried)
        #expect(try await shop.ledger.job(job).error?.answer == "artifact \(file.id) is marked for deletion")
        let second = try await shop.begin(job, by: worker)
        try await shop.ledger.claim([file])
        _ = try await shop.ledger.end(second, .succeeded(result), AttemptRecord())
        #expect(try await shop.ledger.job(job).stage == .voice)
        #expect(try await doomed(shop).count == 1)
    }
}
