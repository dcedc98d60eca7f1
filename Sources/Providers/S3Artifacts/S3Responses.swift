import DiskArtifacts
import FoundationEssentials
import Production
import Synchronization

/// Keeps providers' answers in the bucket: `PREFIX/responses/aa/HASH`, the same bytes as `DiskResponses` writes, so that a
/// folder and a bucket can be copied into each other.
final class S3Responses: ResponseStore {
    private let bucket: S3Bucket
    private let now: @Sendable () -> Date
    /// When something was last written: nothing has to be tried out then.
    private let lastWrite = Mutex(Date.distantPast)

    init(_ bucket: S3Bucket, now: @escaping @Sendable () -> Date) { (self.bucket, self.now) = (bucket, now) }

    /// A bucket has room for everything; what may be missing is the way there, or the right. So once a minute, at most, a
    /// small object is written.
    func checkRoom(bytes: Int64) async throws {
        guard now().timeIntervalSince(lastWrite.withLock { $0 }) > Self.trust else { return }
        try await write(Array("ytempire was here\n".utf8), as: "responses/.room")
    }

    func keep(_ response: KeptResponse, for request: RequestHash) async throws {
        try await write(try response.encoded(), as: Self.name(request))
    }

    func find(_ request: RequestHash) async throws -> KeptResponse? {
        let bytes = try await bucket.get(bucket.key(Self.name(request)), limit: Self.largest)
        return bytes.flatMap { KeptResponse(encoded: $0) }
    }

    @discardableResult
    func remove(_ request: RequestHash) async throws -> Bool {
        let key = bucket.key(Self.name(request))
        guard try await bucket.head(key) != nil else { return false }
        try await bucket.delete(key)
        return true
    }

    private func write(_ bytes: [UInt8], as name: String) async throws {
        try await bucket.put(bytes, as: bucket.key(name))
        lastWrite.withLock { $0 = now() }
    }

    /// Seconds for which a write that succeeded shows that another will.
    private static let trust = 60.0
    /// Bytes. Larger than any answer: speech comes as a few megabytes.
    private static let largest = 256 << 20

    private static func name(_ request: RequestHash) -> String {
        "responses/\("\(request)".prefix(2))/\(request)"
    }
}
