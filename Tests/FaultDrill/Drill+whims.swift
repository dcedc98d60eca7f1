import Foundation
import Glibc
import NIOHTTP1
import Postgres
import Production
import ProviderPeers
import SpeechPeers
import TestServers

extension Drill {
    /// Fault 13, on: providers that don't do what they should.
    static let whims: [Drill] = [
        Drill(13, "OpenAI and ElevenLabs refuse, break off, talk nonsense, and lose answers that they have billed") {
            try await FaultFleet.withPeers { fleet, peers in
                try fleet.start()
                try await suffer(Whim.all, fleet, peers)
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "OpenAI and ElevenLabs lose answers that they have billed", quick: true) {
            try await FaultFleet.withPeers { fleet, peers in
                try fleet.start()
                try await suffer(Whim.all.filter { $0.name == "an answer lost" }, fleet, peers)
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "OpenAI's credit used up: asked once, and not again before a person has said so") {
            try await FaultFleet.withPeers { fleet, peers in try await runOutOfMoney(fleet, peers) }
        },
        Drill(13, "ElevenLabs' credits used up for months: asked once, and another voice speaks") {
            try await FaultFleet.withPeers { fleet, peers in
                peers.speaker.change { $0.creditLimit = 0 }
                try fleet.start()
                try await fleet.openStories(1)
                try await fleet.finish()
                guard peers.speaker.calls == 1, peers.speaker.work.isEmpty else {
                    throw DrillFailure("ElevenLabs was asked \(peers.speaker.calls) times")
                }
                try await fleet.checkBooks(doubts: 0)
                return Outcome(try await Oracle(fleet).check())
            }
        },
    ]

    /// Something that happens to the first paid call of a stage, at both providers.
    private struct Whim {
        let name: String
        let writing: PeerFault
        let speaking: PeerFault
        /// Whether nobody but the provider can know whether it was billed.
        let leavesDoubt: Bool

        /// The same for both.
        init(_ name: String, _ fault: PeerFault, leavesDoubt: Bool = true) {
            (self.name, writing, speaking, self.leavesDoubt) = (name, fault, fault, leavesDoubt)
        }

        init(_ name: String, status: Int, wait: Int? = nil) {
            let headers: HTTPHeaders = wait.map { ["Retry-After": "\($0)"] } ?? [:]
            self.name = name
            writing = .reply(
                OpenAIPeer.error(status, "Not now.", status == 429 ? "requests" : "server_error", headers: headers))
            speaking = .reply(ElevenLabsPeer.refusal(status, "not_now", "Not now.", headers: headers))
            leavesDoubt = status >= 500
        }

        static let all = [
            Whim("429 with Retry-After", status: 429, wait: 1), Whim("429 without", status: 429),
            Whim("500", status: 500), Whim("503 with Retry-After", status: 503, wait: 1),
            Whim("a reset after 100 bytes", .resetWhileReading(after: 100)),
            Whim("a reset before the answer", .resetBeforeWork), Whim("an answer lost", .loseAnswer),
            Whim("an answer cut off", .cutAnswer(after: 60)), Whim("truncated JSON", .reply(.json(#"{"id": "x"#))),
            Whim("other JSON", .reply(.json(#"{"audio": null, "choices": 3}"#))),
        ]
    }

    /// A story for each whim, published in the end, and the books kept.
    private static func suffer(_ whims: [Whim], _ fleet: FaultFleet, _ peers: FleetPeers) async throws {
        var doubts = 0
        for whim in whims {
            let asked = (peers.chat.requests.count, peers.speaker.calls)
            peers.chat.fail(whim.writing) { $0.method == .POST }
            peers.speaker.server.fail(whim.speaking) { $0.method == .POST }
            if whim.leavesDoubt { doubts += 1 }
            try await fleet.openStories(1)
            try await eventually("a story is published after \(whim.name)", within: .seconds(60)) {
                try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
            }
            guard peers.chat.requests.count > asked.0 + 1, peers.speaker.calls > asked.1 + 1 else {
                throw DrillFailure("nobody has met \(whim.name)")
            }
            do { try await fleet.checkBooks(doubts: doubts) } catch { throw DrillFailure("\(whim.name): \(error)") }
        }
    }

    private static func runOutOfMoney(_ fleet: FaultFleet, _ peers: FleetPeers) async throws -> Outcome {
        let reply = OpenAIPeer.error(
            429, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota",
            code: "insufficient_quota")
        peers.chat.fail(.reply(reply), times: .max) { $0.method == .POST }
        try fleet.start()
        let jobs = try await fleet.openStories(1)
        try await eventually("the story waits for tomorrow", within: .seconds(30)) {
            try await fleet.number("SELECT count(*) FROM jobs WHERE state = 'waiting' AND due_at > now()") == 1
        }
        // The next ones need no call to know. What becomes of them is their channels' policy.
        let more = try await fleet.openStories(1) + fleet.openStories(1, whenShort: .stop)
        _ = try await fleet.openStories(1, whenShort: .cheaper)
        try await eventually("the next one waits, one is dead, one is told without a model", within: .seconds(60)) {
            try await fleet.texts("SELECT state FROM jobs ORDER BY id") == ["waiting", "waiting", "dead", "published"]
        }
        guard peers.chat.requests.count == 1 else {
            throw DrillFailure("OpenAI was asked \(peers.chat.requests.count) times, though it has no money")
        }
        try await fleet.checkBooks(doubts: 0)
        // Somebody pays, starts the worker again, and says so.
        peers.chat.failNoMore()
        let writer = try fleet.worker("script-1")
        let before = writer.restarts
        await writer.run.kill()
        try await eventually("the script worker is back", within: .seconds(20)) { writer.restarts > before }
        for job in jobs + more { try await fleet.run("ytempire", "job", "retry", "\(job)") }
        try await fleet.finish()
        try await fleet.checkBooks(doubts: 0)
        return Outcome(try await Oracle(fleet).check())
    }
}

extension FaultFleet {
    /// The books of all who are paid are in order, with so many calls in doubt at each.
    func checkBooks(doubts: Int) async throws {
        for books in try await books() where !books.complaints.isEmpty || books.doubts != doubts {
            throw DrillFailure("\(doubts) calls should be in doubt: \(books)\n\(books.complaints)")
        }
    }
}
