import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Synchronization
import TestServers
import Testing

@testable import S3Artifacts

@Suite struct `Providers' answers in S3` {
    private let response = KeptResponse(
        reservation: UUID(), costs: [], body: Array("{\"answer\": 42}\n<Error>".utf8))

    private func hash(_ byte: UInt8) throws -> RequestHash {
        try #require(RequestHash(bytes: Array(repeating: byte, count: 32)))
    }

    @Test func `are found by every host, replaced and removed`() async throws {
        try await Bench.with { bench in
            let (here, there) = (try bench.store().responses, try bench.store(host: "other").responses)
            let request = try hash(1)
            #expect(try await there.find(request) == nil)
            try await here.keep(response, for: request)
            #expect(try await there.find(request) == response)
            let second = KeptResponse(reservation: UUID(), costs: [], body: [])
            try await there.keep(second, for: request)
            #expect(try await here.find(request) == second)
            #expect(try await here.remove(request))
            #expect(try await !here.remove(request))
            #expect(try await there.find(request) == nil)
            #expect(try await bench.store().usage().artifacts == 0, "they are no artifacts")
        }
    }

    @Test func `are not found where they are damaged`() async throws {
        try await Bench.with { bench in
            let store = try bench.store()
            let request = try hash(2)
            try await store.responses.keep(response, for: request)
            let key = store.bucket.key("responses/02/\(request)")
            var bytes = try #require(try await store.bucket.get(key, limit: 10_000))
            bytes[bytes.count - 1] ^= 1
            try await store.bucket.put(bytes, as: key)
            #expect(try await store.responses.find(request) == nil)
        }
    }

    @Test func `are kept through failures, and a bucket that isn't there is no missing answer`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                peer.fail(.loseAnswer) { $0.method == .PUT }
                peer.fail(.reply(.s3(503, "SlowDown")), times: 2) { $0.method == .PUT }
                let request = try hash(3)
                try await bench.store().responses.keep(response, for: request)
                #expect(try await bench.store().responses.find(request) == response)
                let lost = try bench.store { $0.bucket = "no-such-bucket" }.responses
                await #expect(throws: StageFailure.self) { try await lost.find(request) }
                await #expect(throws: StageFailure.self) { try await lost.checkRoom(bytes: 1) }
            }
        }
    }

    @Test func `are written for a try before a call is paid for, at most once a minute`() async throws {
        try await StrictS3.behindPeer { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let clock = Mutex(Date())
                let store = try S3Artifacts(
                    bench.settings, cache: bench.cache("host"), by: HTTPCaller(), now: { clock.withLock { $0 } })
                for _ in 1...3 { try await store.responses.checkRoom(bytes: 1 << 20) }
                #expect(peer.requests.count { $0.method == .PUT } == 1)
                clock.withLock { $0 += 61 }
                try await store.responses.checkRoom(bytes: 1 << 20)
                #expect(peer.requests.count { $0.method == .PUT } == 2)
                try await store.responses.keep(response, for: hash(4))
                clock.withLock { $0 += 59 }
                try await store.responses.checkRoom(bytes: 1 << 20)
                #expect(peer.requests.count { $0.method == .PUT } == 3)
            }
        }
    }
}

@Suite(.serialized) struct `A bucket` {
    @Test func `has one name for all hosts`() async throws {
        try await Bench.with { bench in
            #expect(try await bench.store().mark(making: false) == nil)
            let names = try await withThrowingTaskGroup(of: UUID?.self) { group in
                for host in 0..<6 { group.addTask { try await bench.store(host: "\(host)").mark(making: true) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(names.count == 1 && !names.contains(nil))
            #expect(try await bench.store().mark(making: false) == names.first)
        }
    }

    @Test func `gets a rule that ends stale uploads, beside its other rules`() async throws {
        try await Bench.with { bench in
            let store = try bench.store()
            let other =
                "<LifecycleConfiguration><Rule><ID>theirs</ID><Filter><Prefix>logs/</Prefix></Filter>"
                + "<Status>Enabled</Status><Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>"
            let body = Array(other.utf8)
            try await store.bucket.demand(
                .init(
                    method: .PUT, query: [("lifecycle", "")], body: .bytes(body), payload: S3Bucket.payload(of: body)),
                "set a rule")
            #expect(try await !StaleUploads(bucket: store.bucket).hasRule())
            #expect(try await store.expireStaleUploads(afterDays: 3))
            #expect(try await !store.expireStaleUploads(afterDays: 3), "nothing to change")
            #expect(try await store.expireStaleUploads(afterDays: 5))
            #expect(try await StaleUploads(bucket: store.bucket).hasRule())
            let rules = try await store.bucket.document(.init(method: .GET, query: [("lifecycle", "")]), "read").all(
                "Rule")
            #expect(rules.compactMap { $0["ID"] }.sorted() == ["theirs", StaleUploads.ruleID])
            #expect(rules.first { $0["ID"] == "theirs" }?.all("Expiration").first?["Days"] == "30")
            let ours = rules.first { $0["ID"] == StaleUploads.ruleID }
            #expect(ours?.all("AbortIncompleteMultipartUpload").first?["DaysAfterInitiation"] == "5")
            try await store.bucket.demand(.init(method: .DELETE, query: [("lifecycle", "")]), "remove the rules")
            #expect(try await store.expireStaleUploads(afterDays: 3), "there were none")
            try await store.bucket.demand(.init(method: .DELETE, query: [("lifecycle", "")]), "remove the rules")
        }
    }

    @Test func `is found good, but for the rule that it lacks`() async throws {
        try await Bench.with { bench in
            let store = try bench.store()
            let findings = try await store.examine()
            #expect(findings.map(\.outcome) == [.ok, .warning])
            #expect(findings[0].found.contains("s3://media/\(bench.prefix)/"))
            #expect(findings[1].found.contains("no rule"))
            let page = try await store.bucket.document(
                .init(method: .GET, query: [("list-type", "2"), ("prefix", store.bucket.key(""))]), "list")
            #expect(page.all("Contents").isEmpty, "what was written for a try is gone")
        }
    }

    private func found(_ bench: Bench, _ change: (inout S3Settings) -> Void) async throws -> BucketFinding {
        let findings = try await bench.store(change).examine()
        #expect(findings.count == 1)
        #expect(!"\(findings)".contains(StrictS3.secretKey))
        return try #require(findings.first)
    }

    @Test func `is examined in clear words for each thing that can be wrong`() async throws {
        try await Bench.with { bench in
            let missing = try await found(bench) { $0.bucket = "no-such-bucket" }
            #expect(missing.outcome == .failed && missing.found.contains("NoSuchBucket"))
            #expect(missing.remedy?.contains("artifacts.s3.bucket") == true)

            let stranger = try await found(bench) { $0.accessKey = "AKIDSTRANGER" }
            #expect(stranger.found.contains("InvalidAccessKeyId"))
            let wrong = try await found(bench) { $0.secretKey = Secret("not the secret key") }
            #expect(wrong.found.contains("SignatureDoesNotMatch") && wrong.remedy?.contains("secret-key") == true)

            let elsewhere = try await found(bench) { $0.region = "us-west-2" }
            #expect(elsewhere.found.contains("\"\(StrictS3.region)\", not \"us-west-2\""))
            #expect(elsewhere.remedy?.contains("artifacts.s3.region") == true)

            let nobody = try await found(bench) { $0.endpoint = "http://127.0.0.1:9" }
            #expect(nobody.found.contains("can't be reached") && nobody.remedy?.contains("endpoint") == true)

            var early = bench
            early.now = { Date(timeIntervalSinceNow: -1_000) }
            let clock = try await found(early) { _ in }
            #expect(clock.outcome == .failed && clock.found.contains("behind the server's"))
            var slightly = bench
            slightly.now = { Date(timeIntervalSinceNow: 300) }
            let findings = try await slightly.store().examine()
            #expect(findings.first?.outcome == .warning && findings.first?.found.contains("ahead of") == true)
        }
        try await PeerServer.with { _ in
            PeerReply(200, body: Array("<html>Welcome</html>".utf8))
        } _: { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let other = try await found(bench) { _ in }
                #expect(other.outcome == .failed && other.found.contains("no S3 server"))
            }
        }
        try await PeerServer.with { _ in
            PeerReply.s3(301, "PermanentRedirect", headers: ["x-amz-bucket-region": "sa-east-1"])
        } _: { peer in
            try await Bench.with(endpoint: peer.address) { bench in
                let other = try await found(bench) { _ in }
                #expect(other.found.contains("\"sa-east-1\""))
            }
        }
    }

    @Test func `can't be asked by wrong settings`() throws {
        func key(_ change: (inout S3Settings) -> Void) throws -> String? {
            var settings = S3Settings(
                endpoint: "https://s3.example.org", bucket: "media", accessKey: "key", secretKey: Secret("secret"))
            change(&settings)
            let caller = try HTTPCaller()
            return #expect(throws: S3SettingsFault.self) {
                try S3Artifacts(settings, cache: CacheSettings(path: "/nowhere"), by: caller)
            }?.key
        }
        #expect(try key { $0.accessKey = "" } == "access-key")
        #expect(try key { $0.secretKey = Secret("") } == "secret-key")
        #expect(try key { $0.prefix = "/a" } == "prefix")
        #expect(try key { $0.region = "" } == "region")
        #expect(try key { $0.partSize = 0 } == "part-size")
        #expect(try key { $0.partsAtOnce = 0 } == "parts-at-once")
        #expect(try key { $0.publicEndpoint = "files.example.org" } == "public-endpoint")
    }
}
