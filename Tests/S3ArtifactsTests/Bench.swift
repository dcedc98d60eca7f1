import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import TestServers

@testable import S3Artifacts

extension StrictS3 {
    /// Started once for the suite. Each test takes a prefix of its own.
    static func shared() async throws -> StrictS3 { try await sharedStart.value }

    private static let sharedStart = Task { try await StrictS3() }

    /// What befalls bytes on their way.
    struct Wire: Sendable {
        var before: @Sendable (PeerRequest) async throws -> [UInt8]? = { _ in nil }
        var after: @Sendable (PeerRequest, PeerReply) async throws -> PeerReply = { $1 }
    }

    /// Runs `body` with a peer between the store and the server, which counts, and fails on demand.
    static func behindPeer<Answer: Sendable>(
        _ wire: Wire = Wire(), _ body: @escaping @Sendable (PeerServer) async throws -> Answer
    ) async throws -> Answer {
        let server = try await shared()
        let caller = try HTTPCaller()
        return try await PeerServer.with { request in
            let changed = try await wire.before(request) ?? request.body
            let reply = try await caller.call(
                HTTPCall(
                    request.method, server.address + request.head.uri, headers: request.headers,
                    body: changed.isEmpty ? .none : .bytes(changed), answerLimit: 256 << 20))
            var headers = reply.headers
            for name in ["Connection", "Transfer-Encoding", "Keep-Alive"] { headers.remove(name: name) }
            return try await wire.after(request, PeerReply(reply.status, headers: headers, body: reply.body))
        } _: { peer in
            try await body(peer)
        }
    }
}

/// One host's folder with a cache in it, and a prefix in the bucket.
struct Bench: Sendable {
    let folder: URL
    let prefix: String
    var endpoint: String
    var partSize: Int64 = 4_096
    var limit: Int64 = 1 << 30
    var hold: Duration = .seconds(3_600)
    var checksum = S3Settings.Checksum.sha256
    var tries = 6
    var now: @Sendable () -> Date = { Date() }

    static func with(
        prefix: String = "test-\(UUID().uuidString)", endpoint: String? = nil,
        _ body: @Sendable (Bench) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "s3-artifacts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let address = if let endpoint { endpoint } else { try await StrictS3.shared().address }
        try await body(Bench(folder: folder, prefix: prefix, endpoint: address))
    }

    var settings: S3Settings {
        S3Settings(
            endpoint: endpoint, region: StrictS3.region, bucket: StrictS3.bucket, prefix: prefix,
            accessKey: StrictS3.accessKey, secretKey: Secret(StrictS3.secretKey), checksum: checksum,
            partSize: partSize, tries: tries, backoff: Backoff(base: .milliseconds(1), cap: .milliseconds(5)))
    }

    /// Another host has another cache; another process of the host the same.
    func store(host: String = "host", _ change: (inout S3Settings) -> Void = { _ in }) throws -> S3Artifacts {
        var settings = settings
        change(&settings)
        return try S3Artifacts(settings, cache: cache(host), by: HTTPCaller(), now: now)
    }

    func cache(_ host: String) -> CacheSettings {
        CacheSettings(path: folder.appending(path: "cache-\(host)").path, limit: limit, hold: hold)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
        let file = folder.appending(path: name)
        try Data(bytes).write(to: file)
        return file
    }
}

/// Bytes that don't repeat at any part's size.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
    }
}

extension PeerReply {
    static func s3(_ status: Int, _ code: String, headers: HTTPHeaders = [:]) -> PeerReply {
        PeerReply(
            status, headers: headers,
            body: Array("<Error><Code>\(code)</Code><Message>scripted</Message></Error>".utf8))
    }
}

extension HTTPRequestHead {
    func parameter(_ name: String) -> Bool {
        uri.split(separator: "?").last?.split(separator: "&").contains { $0.hasPrefix("\(name)=") } ?? false
    }
    var isPart: Bool { method == .PUT && parameter("partNumber") }
    var isCompletion: Bool { method == .POST && parameter("uploadId") }
    /// Of a whole artifact: its name ends the path.
    var isPut: Bool { method == .PUT && !parameter("partNumber") }
}
