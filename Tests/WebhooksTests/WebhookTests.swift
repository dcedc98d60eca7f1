import Crypto
import Foundation
import HTTP
import Ledger
import Logging
import NIOHTTP1
import Postgres
import Production
import ProviderPeers
import Synchronization
import TestServers
import Testing
import Webhooks

private let secret = Secret("a secret that both know")

/// A ledger with things to tell, and whoever tells them.
private struct Office {
    let pool: PostgresPool
    let ledger: Ledger
    let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    init() async throws {
        var configuration = try PostgresConfiguration(url: await PrivatePostgres.shared.freshDatabase())
        configuration.poolSize = 8
        pool = PostgresPool(configuration: configuration, logger: quiet)
        _ = try await Migrator(migrations: ledgerMigrations).migrate(on: pool)
        ledger = Ledger(database: pool, settings: Ledger.Settings())
    }

    func happen(_ kind: String = "job.published", job: Int = 1, ago: String = "0") async throws {
        try await pool.execute(
            """
            INSERT INTO notices (kind, body, at)
            VALUES (\(kind), jsonb_build_object('job', \(job)::integer, 'title', 'Ein "Titel"'), now() - \(ago)::interval)
            """)
    }

    func sender(
        to urls: [String], backoff: Backoff = Backoff(), now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> WebhookSender {
        try WebhookSender(
            ledger: ledger, http: HTTPCaller(), targets: urls.compactMap { WebhookTarget($0) }, secret: secret,
            token: Secret("token-canary-0123"), backoff: backoff,
            now: now,
            logger: quiet)
    }

    /// All deliveries that wait are due now.
    func makeDue() async throws {
        try await pool.execute("UPDATE webhook_deliveries SET next_at = now() - interval '1 s'")
    }

    func states() async throws -> [String] {
        try await pool.query("SELECT state FROM webhook_deliveries ORDER BY notice_id, target").map { try $0.get(0) }
    }
}

/// A receiver as the documentation has people write it: checks the signature, acts once for each `event_id`.
private final class Receiver: Sendable {
    private let state = Mutex((seen: Set<String>(), acted: 0, bad: [String]()))
    var acted: Int { state.withLock { $0.acted } }
    var complaints: [String] { state.withLock { $0.bad } }

    func receive(_ request: PeerRequest) -> PeerReply {
        struct Event: Decodable {
            let eventID: String
            let type: String
            let at: String
            let data: [String: Either]

            enum CodingKeys: String, CodingKey {
                case type, at, data
                case eventID = "event_id"
            }
        }
        enum Either: Decodable {
            case number(Int)
            case text(String)
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let number = try? value.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try value.decode(String.self))
                }
            }
        }
        func refuse(_ why: String) -> PeerReply {
            state.withLock { $0.bad.append(why) }
            return PeerReply(403, body: Array("Authorization data is wrong!".utf8))
        }
        let headers = request.headers
        guard request.method == .POST else { return refuse("method \(request.method)") }
        guard headers.first(name: "Content-Type") == "application/json" else { return refuse("type") }
        guard headers.first(name: "Ytempire-Token") == "token-canary-0123" else { return refuse("token") }
        guard let sent = headers.first(name: "Ytempire-Timestamp"), let time = TimeInterval(sent),
            abs(time - Date().timeIntervalSince1970) < 300
        else { return refuse("stale") }
        var signed = Array("\(sent).".utf8)
        signed += request.body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Array(secret.value.utf8)))
        let hex = code.map { String(format: "%02x", $0) }.joined()
        guard headers.first(name: "Ytempire-Signature") == "v1=\(hex)" else { return refuse("signature") }
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(request.body)),
            event.eventID == headers.first(name: "Ytempire-Event-Id"),
            event.type == headers.first(name: "Ytempire-Event"),
            event.at.hasSuffix("Z")
        else { return refuse("body \(String(decoding: request.body, as: UTF8.self))") }
        state.withLock { if $0.seen.insert(event.eventID).inserted { $0.acted += 1 } }
        return .json(#"{"message":"Workflow was started"}"#)
    }
}

private func serving(_ handler: @escaping PeerServer.Handler) -> PeerServer.Handler { handler }

@Suite struct `A webhook` {
    @Test func `is delivered to each receiver once, signed, in JSON`() async throws {
        let office = try await Office()
        for job in 1...5 { try await office.happen(job: job) }
        let (one, other) = (Receiver(), Receiver())
        try await PeerServer.with(serving { one.receive($0) }) { first in
            try await PeerServer.with(serving { other.receive($0) }) { second in
                let sender = try office.sender(to: ["\(first.address)/hook", "\(second.address)/webhook/x?y=1"])
                while try await sender.deliver() > 0 {}
                #expect(try await sender.deliver() == 0)
            }
        }
        #expect(one.complaints.isEmpty && other.complaints.isEmpty)
        #expect(one.acted == 5 && other.acted == 5)
        #expect(try await Set(office.states()) == ["delivered"])
        #expect(try await office.states().count == 10)
    }

    @Test func `is delivered by many senders at once no more than once`() async throws {
        let office = try await Office()
        for job in 1...30 { try await office.happen(job: job) }
        let receiver = Receiver()
        try await PeerServer.with(serving { receiver.receive($0) }) { peer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let sender = try office.sender(to: ["\(peer.address)/hook"])
                        while try await sender.deliver() > 0 {}
                    }
                }
                try await group.waitForAll()
            }
            #expect(peer.requests.count == 30)
        }
        #expect(receiver.acted == 30)
    }

    @Test func `whose answer was lost comes again with the same id, and is acted on once`() async throws {
        let office = try await Office()
        try await office.happen()
        let receiver = Receiver()
        try await PeerServer.with(serving { receiver.receive($0) }) { peer in
            peer.fail(.loseAnswer)
            peer.fail(.reply(PeerReply(503, headers: ["Retry-After": "40"])))
            peer.fail(.reply(PeerReply(404, body: Array(#"{"code":404}"#.utf8))))
            let patient = Backoff(base: .seconds(20_000), cap: .seconds(20_000))
            let sender = try office.sender(to: ["\(peer.address)/hook"], backoff: patient)
            for _ in 0..<3 {
                #expect(try await sender.deliver() == 1)
                // Not before its time.
                #expect(try await sender.deliver() == 0)
                try await office.makeDue()
            }
            #expect(try await sender.deliver() == 1)
            #expect(peer.requests.count == 4)
        }
        #expect(receiver.acted == 1)
        #expect(receiver.complaints.isEmpty)
        #expect(try await office.states() == ["delivered"])
    }

    @Test func `waits as long as the receiver wishes`() async throws {
        let office = try await Office()
        try await office.happen()
        try await PeerServer.with(serving { _ in PeerReply(429, headers: ["Retry-After": "4000"]) }) { peer in
            _ = try await office.sender(to: [peer.address]).deliver()
        }
        let seconds: Double = try await office.pool.query(
            "SELECT extract(epoch FROM next_at - now())::double precision FROM webhook_deliveries")[0].get(0)
        #expect((3_900...4_000).contains(seconds))
    }

    @Test func `whose sender died is taken by another after a minute`() async throws {
        let office = try await Office()
        try await office.happen()
        let receiver = Receiver()
        try await PeerServer.with(serving { receiver.receive($0) }) { peer in
            let sender = try office.sender(to: [peer.address])
            let name = try #require(WebhookTarget(peer.address)).name
            try await office.ledger.spreadNotices(to: [name])
            #expect(try await office.ledger.takeDeliveries(to: [name]).count == 1)
            #expect(try await sender.deliver() == 0)
            try await office.makeDue()
            #expect(try await sender.deliver() == 1)
        }
        #expect(receiver.acted == 1)
    }

    @Test func `is given up after a day, and that is an event; what happened before is not told`() async throws {
        let office = try await Office()
        try await office.happen(job: 1, ago: "25 hours")
        try await office.happen(job: 2, ago: "23 hours 59 minutes")
        let echo = Array("token-canary-0123 is what I got".utf8)
        try await PeerServer.with(serving { _ in PeerReply(500, body: echo) }) { peer in
            let sender = try office.sender(to: [peer.address], now: { Date(timeIntervalSinceNow: 3_600) })
            #expect(try await sender.deliver() == 1)
            #expect(try await sender.deliver() == 0)
        }
        #expect(try await office.states() == ["given_up"])
        let told: String = try await office.pool.query(
            "SELECT body::text FROM notices WHERE kind = 'webhook.given_up'")[0].get(0)
        #expect(told.contains("job.published") && told.contains("500"))
        #expect(!told.contains("canary"))
        #expect(try await office.ledger.webhookCounts() == WebhookCounts(pending: 0, givenUp: 1))
    }

    @Test func `to a receiver that is gone for good is given up at once`() async throws {
        let office = try await Office()
        try await office.happen()
        try await PeerServer.with(serving { _ in PeerReply(410) }) { peer in
            _ = try await office.sender(to: [peer.address]).deliver()
        }
        #expect(try await office.states() == ["given_up"])
    }

    @Test func `is named in Postgres without what its address holds`() throws {
        let target = try #require(WebhookTarget("https://n8n.example.org/webhook/canary-0123456789"))
        #expect(target.name.hasPrefix("n8n.example.org#"))
        #expect(!"\(target)".contains("canary"))
        #expect(WebhookTarget("ftp://x") == nil && WebhookTarget("nonsense") == nil)
    }

    @Test func `is forgotten after its time with its deliveries`() async throws {
        let office = try await Office()
        try await office.happen(ago: "40 days")
        try await office.happen()
        try await office.ledger.forgetNotices(olderThan: .seconds(30 * 86_400))
        #expect(try await office.pool.query("SELECT FROM notices").count == 1)
    }

    /// The example of the README.
    @Test func `is signed as documented`() {
        let signature = WebhookSignature(
            of: Array(#"{"type":"job.published"}"#.utf8), at: Date(timeIntervalSince1970: 1_763_770_000.9),
            by: Secret("secret"))
        #expect(signature.timestamp == "1763770000")
        #expect(signature.value == "v1=a454c8d054b851156c9943c37c7feeebce1edaf50cbaa1c4f1662ff58ec1a7cc")
    }
}
