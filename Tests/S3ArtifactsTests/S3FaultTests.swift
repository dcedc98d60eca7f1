import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Synchronization
import TestServers
import Testing

@testable import S3Artifacts

@Suite struct `When the S3 server fails` {
    private func kept(
        _ bytes: [UInt8], tries: Int = 6, _ script: @escaping @Sendable (PeerServer) -> Void,
        _ check: @escaping @Sendable (Bench, PeerServer, Artifact) async throws -> Void
    ) async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                var bench = bench
                bench.tries = tries
                script(peer)
                let artifact = try await bench.store().keep(bench.file("a", bytes))
                let file = try await bench.store(host: "other").file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
                try await check(bench, peer, artifact)
            }
        }
    }

    private static let moods = [
        PeerReply.s3(503, "SlowDown"), .s3(503, "SlowDown", headers: ["Retry-After": "0"]), .s3(500, "InternalError"),
        .s3(400, "RequestTimeout"), .s3(409, "OperationAborted"), .s3(409, "ConditionalRequestConflict"),
        PeerReply(502, body: Array("<html>Bad Gateway</html>".utf8)), PeerReply(429),
    ]

    @Test(arguments: moods.indices) func `for a moment, it is asked again`(number: Int) async throws {
        let reply = Self.moods[number]
        try await kept(noise(1_000)) { peer in
            peer.fail(.reply(reply), times: 2) { $0.isPut }
            peer.fail(.reply(PeerReply(503)), times: 2) { $0.method == .HEAD }
            peer.fail(.reply(reply), times: 1) { $0.method == .GET }
        } _: { _, peer, _ in
            #expect(peer.requests.count(where: \.head.isPut) == 3)
        }
    }

    @Test func `each try has a signature of its own, made when it is sent`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let clock = Mutex(Date())
                peer.fail(.reply(.s3(503, "SlowDown"))) { $0.isPut }
                let store = try S3Artifacts(
                    bench.settings, cache: bench.cache("host"), by: HTTPCaller(), now: { clock.withLock { $0 } },
                    pause: { _ in clock.withLock { $0 += 60 } })
                _ = try await store.keep(bench.file("a", noise(100)))
                let signatures = peer.requests.filter(\.head.isPut).map { $0.head.headers["Authorization"].first }
                #expect(signatures.count == 2 && Set(signatures).count == 2)
            }
        }
    }

    @Test func `and connections break, everything is sent again as long as it may help`() async throws {
        try await kept(noise(4_096 * 3)) { peer in
            peer.fail(.resetWhileReading(after: 100)) { $0.isPart }
            peer.fail(.resetBeforeWork) { $0.isPart }
            peer.fail(.loseAnswer) { $0.isPart }
            peer.fail(.loseAnswer) { $0.method == .POST && !$0.isCompletion }
            peer.fail(.loseAnswer) { $0.isCompletion }
            peer.fail(.cutAnswer(after: 5_000)) { $0.method == .GET && $0.headers.contains(name: "x-amz-date") }
        } _: { bench, peer, _ in
            let store = try bench.store()
            #expect(peer.requests.count(where: \.head.isPart) == 6)
            // One was begun whose name nobody heard.
            #expect(try await `An S3 artifact store`.openUploads(store) == 1)
            #expect(try await store.removeAbandoned(before: .distantFuture) == 1)
            #expect(try await `An S3 artifact store`.openUploads(store) == 0)
        }
    }

    @Test func `and an answer is lost after the work, the object is there once`() async throws {
        try await kept(noise(1_000)) { peer in
            peer.fail(.loseAnswer) { $0.isPut }
        } _: { bench, peer, _ in
            let usage = try await bench.store().usage()
            #expect(peer.requests.count(where: \.head.isPut) == 2 && usage.artifacts == 1)
        }
    }

    @Test func `with an error in an answer of status 200, the completion is asked for again`() async throws {
        try await kept(noise(9_000)) { peer in
            peer.fail(.reply(.s3(200, "InternalError"))) { $0.isCompletion }
        } _: { _, peer, _ in
            #expect(peer.requests.count(where: \.head.isCompletion) == 2)
        }
    }

    @Test func `to tell of a completion, and knows the upload no more, the object is looked for`() async throws {
        try await kept(noise(9_000)) { peer in
            peer.fail(.loseAnswer) { $0.isCompletion }
            peer.fail(.reply(.s3(404, "NoSuchUpload"))) { $0.isCompletion }
        } _: { _, peer, _ in
            #expect(peer.requests.count(where: \.head.isPart) == 3)
        }
    }

    @Test func `to know an upload in the middle of it, another is begun`() async throws {
        try await kept(noise(9_000)) { peer in
            peer.fail(.reply(.s3(404, "NoSuchUpload"))) { $0.isPart }
        } _: { _, peer, _ in
            #expect(peer.requests.count { $0.method == .POST && !$0.head.isCompletion } == 2)
        }
    }

    @Test func `to know conditions, it is asked without`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                peer.fail(.reply(.s3(501, "NotImplemented")), times: 100) { $0.headers.contains(name: "If-None-Match") }
                let store = try bench.store()
                for number in 1...3 { _ = try await store.keep(bench.file("a", noise(100, seed: UInt64(number)))) }
                _ = try await store.keep(bench.file("b", noise(9_000)))
                #expect(try await store.usage().artifacts == 4)
                #expect(peer.requests.count { $0.head.headers.contains(name: "If-None-Match") } == 1, "asked once")
            }
        }
    }

    @Test func `for long, the failure is transient and says what came back`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                peer.fail(.reply(.s3(503, "SlowDown", headers: ["Retry-After": "0"])), times: 100) { $0.isPut }
                let failure = await #expect(throws: StageFailure.self) {
                    try await bench.store().keep(bench.file("a", noise(100)))
                }
                #expect(failure?.kind == .transient(retryAfter: .zero))
                #expect(failure?.answer == "503 SlowDown: scripted")
                #expect(peer.requests.count(where: \.head.isPut) == 6)
            }
        }
    }

    @Test func `by redirecting, nothing is sent to where it points`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                peer.fail(
                    .reply(.s3(301, "PermanentRedirect", headers: ["Location": "\(peer.address)/elsewhere"])),
                    times: 100)
                let failure = await #expect(throws: StageFailure.self) {
                    try await bench.store().keep(bench.file("a", noise(100)))
                }
                #expect(failure?.kind == .permanent && failure?.answer.contains("region") == true)
                #expect(peer.requests.allSatisfy { $0.path != "/elsewhere" })
            }
        }
    }

    @Test func `and this process dies, another goes on with the parts that are there`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let bytes = noise(4_096 * 6)
                // As after a kill: five parts are there, nobody has said goodbye.
                peer.fail(.resetBeforeWork, times: 100) { $0.uri.contains("partNumber=4&") }
                var dying = bench
                dying.tries = 1
                let failure = await #expect(throws: StageFailure.self) {
                    try await dying.store { $0.partsAtOnce = 1 }.keep(bench.file("a", bytes))
                }
                #expect(failure?.kind == .transient())
                #expect(try await bench.store().usage().artifacts == 0)
                #expect(try await `An S3 artifact store`.openUploads(bench.store()) == 1)
                peer.failNoMore()
                let before = peer.requests.count(where: \.head.isPart)
                let artifact = try await bench.store(host: "other").keep(bench.file("b", bytes))
                #expect(peer.requests.count(where: \.head.isPart) - before == 3, "parts 4 to 6 alone")
                let file = try await bench.store(host: "third").file(of: artifact.id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
                #expect(try await `An S3 artifact store`.openUploads(bench.store()) == 0)
            }
        }
    }

    /// - Parameter isOurs: whether it was begun by a process of ours, which writes the hash beside it.
    @Test(arguments: [true, false])
    func `parts that are not ours byte by byte are sent again`(isOurs: Bool) async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let store = try bench.store()
                let bytes = noise(4_096 * 3)
                let id = try #require(Artifact.ID(hex: S3Bucket.payload(of: bytes)))
                let key = store.key(of: id)
                let begun = try await store.bucket.document(
                    .init(
                        method: .POST, key: key, query: [("uploads", "")],
                        headers: isOurs ? [(S3Bucket.hashHeader, "\(id)")] : []), "begin")
                let upload = try #require(begun["UploadId"])
                // The first is right, the second of the right length, the third longer.
                for (number, part) in [
                    (1, Array(bytes[..<4_096])), (2, noise(4_096, seed: 5)), (3, noise(5_000, seed: 5)),
                ] {
                    try await store.bucket.demand(
                        .init(
                            method: .PUT, key: key, query: [("partNumber", "\(number)"), ("uploadId", upload)],
                            body: .bytes(part), payload: S3Bucket.payload(of: part)), "send")
                }
                _ = try await store.keep(bench.file("a", bytes))
                #expect(peer.requests.count(where: \.head.isPart) == (isOurs ? 5 : 8))
                let file = try await bench.store(host: "other").file(of: id)
                #expect(try Array(Data(contentsOf: file)) == bytes)
            }
        }
    }

    @Test func `to answer and the work is cancelled, nothing bears the name and no part stays`() async throws {
        let asked = AsyncStream<Void>.makeStream()
        let wire = StrictS3.Wire(before: { request in
            guard request.head.isPart, request.head.uri.contains("partNumber=3&") else { return nil }
            asked.continuation.yield()
            try await Task.sleep(for: .seconds(600))
            return nil
        })
        try await StrictS3.behindPeer(wire) { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let store = try bench.store()
                let file = try bench.file("a", noise(4_096 * 8))
                let work = Task { try await store.keep(file) }
                for await _ in asked.stream { break }
                work.cancel()
                await #expect(throws: CancellationError.self) { try await work.value }
                let direct = try bench.store { $0.endpoint = bench.endpoint }
                #expect(try await direct.usage().artifacts == 0)
                #expect(try await `An S3 artifact store`.openUploads(direct) == 0)
            }
        }
    }

    @Test func `in the middle of an answer for good, no file has the name`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let artifact = try await bench.store { $0.partSize = 1 << 20 }.keep(bench.file("a", noise(100_000)))
                peer.fail(.cutAnswer(after: 50_000), times: 100) { $0.method == .GET }
                let store = try bench.store(host: "other")
                await #expect(throws: StageFailure.self) { try await store.file(of: artifact.id) }
                let names = FileManager.default.enumerator(atPath: bench.cache("other").path)?.allObjects ?? []
                #expect(
                    !names.contains { "\($0)".contains("\(artifact.id)") || "\($0)".contains(".draft-") }, "\(names)")
            }
        }
    }
}

@Suite struct `An S3 error` {
    private func refusal(_ status: Int, _ text: String, late: Bool = false) -> S3Refusal? {
        S3Refusal(HTTPReply(status: status, headers: [:], body: Array(text.utf8), url: ""), late: late)
    }

    @Test func `is told in the server's own words, without what it quotes of the signature`() {
        let text = """
            <Error><Code>SignatureDoesNotMatch</Code><Message>It does not match.</Message>
            <StringToSign>AWS4-HMAC-SHA256 secret</StringToSign><RequestId>42</RequestId></Error>
            """
        let words = refusal(403, text)?.words
        #expect(words?.hasPrefix("403 SignatureDoesNotMatch: It does not match. (request 42); ") == true)
        #expect(words?.contains("StringToSign") == false && words?.contains("HMAC") == false)
    }

    @Test(arguments: [
        (400, "RequestTimeout", true), (400, "BadDigest", false), (400, "ExpiredToken", false),
        (403, "AccessDenied", false), (403, "RequestTimeTooSkewed", false), (404, "NoSuchKey", false),
        (409, "OperationAborted", true), (409, "BucketNotEmpty", false), (412, "PreconditionFailed", false),
        (411, "MissingContentLength", false), (500, "InternalError", true), (503, "SlowDown", true),
        (503, "ServiceUnavailable", true), (501, "NotImplemented", false), (429, "TooManyRequests", true),
        (200, "InternalError", true), (200, "InvalidPart", false), (504, "GatewayTimeout", true),
    ]) func `may go away or not, by its code`(status: Int, code: String, isTransient: Bool) throws {
        let text = "<Error><Code>\(code)</Code><Message>x</Message></Error>"
        #expect(try #require(refusal(status, text, late: true)).isTransient == isTransient)
    }

    @Test func `is no error where an object merely looks like one`() {
        #expect(refusal(200, "<Error><Code>NoSuchKey</Code></Error>") == nil)
        #expect(refusal(200, "<Fine/>", late: true) == nil)
    }
}
