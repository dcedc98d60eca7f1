import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// Brings one file into the bucket under its name, whole or not at all.
struct Upload: Sendable {
    let bucket: S3Bucket
    let key: String
    let path: String
    let digest: FileDigest

    /// - Parameter replacing: whether what bears the name is known to be something else.
    func run(replacing: Bool) async throws {
        if try await isThere(afterSending: replacing, resuming: true) { return }
        // An upload that somebody else had begun is whole, but without our words beside it.
        if try await isThere(afterSending: true, resuming: false) { return }
        throw bucket.failure(
            .transient(), "store \(bucket.shown(key))",
            "\(digest.artifact.bytes) bytes were taken twice, but what is there is something else")
    }

    private func isThere(afterSending replacing: Bool, resuming: Bool) async throws -> Bool {
        if digest.parts.isEmpty {
            try await putWhole(replacing: replacing)
        } else {
            try await MultipartUpload(self).run(replacing: replacing, resuming: resuming)
        }
        return try await isDone()
    }

    /// Whether another one, or an answer that was lost, has brought the file there already.
    func isDone() async throws -> Bool { try await bucket.head(key)?.holds(digest.artifact) ?? false }

    var metadata: [(name: String, value: String)] {
        [("Content-Type", "application/octet-stream"), (S3Bucket.hashHeader, "\(digest.artifact.id)")]
    }

    private func putWhole(replacing: Bool) async throws {
        let asked = "store \(bucket.shown(key))"
        var conditions = replacing ? [] : bucket.onlyNew
        while true {
            let request = S3Bucket.Request(
                method: .PUT, key: key,
                headers: metadata + conditions
                    + bucket.checks(sha256: digest.artifact.id.bytes, md5: digest.md5s?.first ?? []),
                body: .file(path: path, range: 0..<digest.artifact.bytes), payload: "\(digest.artifact.id)")
            let (reply, refusal) = try await bucket.ask(request, asked)
            guard let refusal else { return }
            switch try await afterRefusal(refusal, hasConditions: !conditions.isEmpty) {
            case .done: return
            case .unconditionally: conditions = []
            case .failed: throw bucket.failure(refusal, reply, asked)
            }
        }
    }

    enum Next { case done, unconditionally, failed }

    /// What a refusal means for a request that should only make what isn't there.
    func afterRefusal(_ refusal: S3Refusal, hasConditions: Bool) async throws -> Next {
        guard hasConditions else { return .failed }
        switch refusal.code {
        case "PreconditionFailed": return try await isDone() ? .done : .unconditionally
        case "NotImplemented": return bucket.giveUpConditions() ? .unconditionally : .failed
        default: return .failed
        }
    }
}
