import Crypto
import DurableFiles
import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Synchronization
import TestServers
import Testing

@testable import S3Artifacts

@Suite struct `An S3 artifact store` {
    @Test func `names a file by its hash, and hands it out on any host`() async throws {
        try await Bench.with { bench in
            let here = try bench.store()
            let bytes = noise(1_000)
            let artifact = try await here.keep(bench.file("video.mp4", bytes))
            let hex = SHA256.hash(data: bytes).hexadecimal
            #expect(artifact.id.description == hex && artifact.bytes == 1_000)
            let key = "\(bench.prefix)/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)"
            let object = try #require(try await here.bucket.head(key))
            #expect(object.holds(artifact))
            #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "video.mp4").path), "moved")

            for host in ["host", "other"] {
                let file = try await bench.store(host: host).file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
                #expect(try FileStatus.of(file.path)?.mode == 0o440)
            }
        }
    }

    @Test(arguments: S3Settings.Checksum.allCases)
    func `sends a large file in parts, and an empty one whole`(checksum: S3Settings.Checksum) async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                var bench = bench
                bench.checksum = checksum
                let store = try bench.store()
                let bytes = noise(4_096 * 5 + 17)
                let artifact = try await store.keep(bench.file("large", bytes))
                #expect(peer.requests.count(where: \.head.isPart) == 6)
                #expect(peer.requests.count(where: \.head.isCompletion) == 1)
                let file = try await bench.store(host: "other").file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
                // Exactly as large as a part: one piece.
                _ = try await store.keep(bench.file("exact", noise(4_096, seed: 2)))
                let empty = try await store.keep(bench.file("empty", []))
                #expect(peer.requests.count(where: \.head.isPart) == 6)
                #expect(try await Data(contentsOf: bench.store(host: "other").file(of: empty.id)).isEmpty)
            }
        }
    }

    @Test func `sends the same bytes once, whoever keeps them again`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let first = try await bench.store().keep(bench.file("a", noise(2_000)))
                #expect(try await bench.store().keep(bench.file("b", noise(2_000))) == first)
                #expect(try await bench.store(host: "other").keep(bench.file("c", noise(2_000))) == first)
                #expect(peer.requests.count(where: \.head.isPut) == 1)
                #expect(try await bench.store().usage().artifacts == 1)
            }
        }
    }

    @Test func `keeps one object when many processes keep the same at the same time`() async throws {
        try await Bench.with { bench in
            let bytes = noise(4_096 * 4 + 5)
            let kept = try await withThrowingTaskGroup(of: Artifact.self) { group in
                for number in 0..<8 {
                    let file = try bench.file("copy-\(number)", bytes)
                    // Two hosts with four processes each.
                    group.addTask { try await bench.store(host: "\(number % 2)").keep(file) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(kept.count == 1)
            let usage = try await bench.store(host: "0").usage()
            #expect(usage.artifacts == 1 && usage.bytes == Int64(bytes.count))
            #expect(usage.cachedFiles == 1 && usage.cachedBytes == Int64(bytes.count))
            for artifact in kept {
                let file = try await bench.store(host: "third").file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
            }
        }
    }

    @Test func `fetches an artifact once for all processes of a host`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let bytes = noise(300_000)
                let artifact = try await bench.store { $0.partSize = 1 << 20 }.keep(bench.file("a", bytes))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            let file = try await bench.store(host: "other").file(of: artifact.id)
                            #expect(try Array(Data(contentsOf: file)) == bytes)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(peer.requests.count { $0.method == .GET } == 1)
            }
        }
    }

    @Test(arguments: ["my vidéos/ä+b &=?#'(1)", "dots/../and//slashes", "日本"])
    func `takes any prefix`(prefix: String) async throws {
        try await Bench.with(prefix: "\(prefix)/\(UUID().uuidString)") { bench in
            let store = try bench.store()
            let artifact = try await store.keep(bench.file("a", noise(9_000)))
            _ = try await bench.store(host: "other").file(of: artifact.id)
            #expect(try await store.usage().artifacts == 1)
            #expect(try await store.remove(artifact.id))
        }
    }

    @Test func `misses at once what was removed, though it is in the cache`() async throws {
        try await Bench.with { bench in
            let artifact = try await bench.store().keep(bench.file("a", noise(100)))
            #expect(try await bench.store(host: "other").remove(artifact.id))
            #expect(try await !bench.store(host: "other").remove(artifact.id))
            let fault = await #expect(throws: ArtifactFault.self) { try await bench.store().file(of: artifact.id) }
            #expect(fault?.code == .missing)
            #expect(fault?.path == "s3://media/\(bench.prefix)/\(Self.name(artifact.id))")
        }
    }

    @Test func `does not take a missing bucket for a missing artifact`() async throws {
        try await Bench.with { bench in
            let store = try bench.store { $0.bucket = "no-such-bucket" }
            let id = try #require(Artifact.ID(bytes: Array(repeating: 7, count: 32)))
            let failure = await #expect(throws: StageFailure.self) { try await store.file(of: id) }
            #expect(failure?.kind == .permanent && failure?.answer.contains("NoSuchBucket") == true)
            let other = await #expect(throws: StageFailure.self) { try await store.keep(bench.file("a", [1])) }
            #expect(other?.kind == .permanent && other?.answer.contains("NoSuchBucket") == true)
        }
    }

    @Test func `notices a damaged object, and replaces it when the same bytes are kept again`() async throws {
        try await Bench.with { bench in
            let store = try bench.store()
            let bytes = noise(500)
            let artifact = try await store.keep(bench.file("a", bytes))
            let key = store.key(of: artifact.id)
            // Same length, and our own words beside it: only who reads it can tell.
            let rotten = noise(500, seed: 9)
            try await store.bucket.demand(
                .init(
                    method: .PUT, key: key, headers: [(S3Bucket.hashHeader, "\(artifact.id)")], body: .bytes(rotten),
                    payload: S3Bucket.payload(of: rotten)), "damage it")
            let found = try #require(Artifact.ID(bytes: Array(SHA256.hash(data: rotten))))
            for _ in 1...2 {
                let fault = await #expect(throws: ArtifactFault.self) {
                    try await bench.store(host: "other").file(of: artifact.id)
                }
                #expect(fault?.code == .corrupt(expected: artifact.id, found: found))
            }
            #expect(try await store.bucket.get(key, limit: 1_000) == rotten, "it stays for a look")
            // Nobody uses it, and whoever keeps the right bytes puts it right: from any host.
            _ = try await bench.store(host: "third").keep(bench.file("b", bytes))
            let file = try await bench.store(host: "other").file(of: artifact.id)
            #expect(try Array(Data(contentsOf: file)) == bytes)
        }
    }

    @Test func `fetches again what was damaged on its way`() async throws {
        let shots = Shots(1)
        let wire = StrictS3.Wire(after: { request, reply in
            var reply = reply
            if request.method == .GET, reply.body.count == 700, shots.take() { reply.body[3] ^= 1 }
            return reply
        })
        try await StrictS3.behindPeer(wire) { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let bytes = noise(700)
                let artifact = try await bench.store().keep(bench.file("a", bytes))
                let file = try await bench.store(host: "other").file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
                #expect(peer.requests.count { $0.method == .GET } == 2)
            }
        }
    }

    @Test(arguments: S3Settings.Checksum.allCases, [false, true])
    func `is told by the server when bytes were damaged on their way there`(
        checksum: S3Settings.Checksum, inParts: Bool
    ) async throws {
        let wire = StrictS3.Wire(before: { request in
            guard request.method == .PUT else { return nil }
            var body = request.body
            body[body.count / 2] ^= 1
            return body
        })
        try await StrictS3.behindPeer(wire) { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                var bench = bench
                bench.checksum = checksum
                let store = try bench.store()
                let failure = await #expect(throws: StageFailure.self) {
                    try await store.keep(bench.file("a", noise(inParts ? 10_000 : 1_000)))
                }
                #expect(failure?.kind == .permanent)
                #expect(failure?.answer.contains("XAmzContentSHA256Mismatch") == true)
                #expect(try await store.usage().artifacts == 0)
                #expect(try await Self.openUploads(store) == 0, "refused for good: nothing stays")
            }
        }
    }

    @Test func `gives an address at which anybody can read for a while`() async throws {
        try await Bench.with { bench in
            let store = try bench.store()
            let bytes = noise(1_234)
            let artifact = try await store.keep(bench.file("a", bytes))
            let link = store.link(to: artifact.id, name: "Über \"uns\".mp4", type: "video/mp4")
            let reply = try await HTTPCaller().call(HTTPCall(.GET, link))
            #expect(reply.status == 200 && reply.body == bytes)
            #expect(reply.headers.first(name: "Content-Type") == "video/mp4")
            #expect(reply.headers.first(name: "Content-Disposition")?.contains("%C3%9Cber") == true)

            let changed = try await HTTPCaller().call(
                HTTPCall(.GET, link.replacing("video%2Fmp4", with: "text%2Fhtml")))
            #expect(changed.status == 403)
            var late = bench
            late.now = { Date(timeIntervalSinceNow: -3_700) }
            let expired = try late.store().link(to: artifact.id)
            #expect(try await HTTPCaller().call(HTTPCall(.GET, expired)).status == 403)
            #expect(
                try await HTTPCaller().call(HTTPCall(.GET, String(link.prefix { $0 != "?" }))).status == 403,
                "nobody gets in without")
        }
    }

    @Test func `signs addresses for the host that people use`() throws {
        let settings = S3Settings(
            endpoint: "http://minio.internal:9000", bucket: "media", accessKey: "key", secretKey: Secret("secret"),
            publicEndpoint: "https://files.example.org")
        let store = try S3Artifacts(settings, cache: CacheSettings(path: "/nowhere"), by: HTTPCaller())
        let id = try #require(Artifact.ID(bytes: Array(repeating: 7, count: 32)))
        #expect(store.link(to: id).hasPrefix("https://files.example.org/media/07/07/0707"))
    }

    @Test func `sends and fetches a large file with little memory`() async throws {
        try await Bench.with { bench in
            let size: Int64 = 160 << 20
            let file = bench.folder.appending(path: "video.mp4")
            try #require(FileManager.default.createFile(atPath: file.path, contents: Data(noise(1_000))))
            try #require(truncate(file.path, Int(size)) == 0)
            let ended = try await Programs.run(
                "StoreChild",
                [bench.endpoint, StrictS3.region, StrictS3.bucket, bench.prefix, file.path, bench.folder.path],
                in: bench.folder,
                environment: [
                    "AWS_ACCESS_KEY_ID": StrictS3.accessKey, "AWS_SECRET_ACCESS_KEY": StrictS3.secretKey,
                ])
            #expect(ended.status == 0, "\(ended)")
            let words = ended.out.split(whereSeparator: \.isWhitespace).map(String.init)
            #expect(try FileStatus.of(try #require(words.first))?.content.size == size)
            let resident = try #require(words.last.flatMap { Int($0) })
            // Four parts would be 64 MiB alone.
            #expect(resident > 0 && resident < 64 << 10, "\(resident) kB")
        }
    }

    static func name(_ id: Artifact.ID) -> String {
        "\(id.description.prefix(2))/\(id.description.dropFirst(2).prefix(2))/\(id)"
    }

    static func openUploads(_ store: S3Artifacts) async throws -> Int {
        let prefix = store.bucket.key("")
        let list = try await store.bucket.document(
            .init(method: .GET, query: [("uploads", ""), ("prefix", prefix)]), "list uploads")
        return list.all("Upload").count
    }
}

/// So many times, and no more.
final class Shots: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }
    func take() -> Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}
