import Failpoints
import Foundation
import Glibc
import NIOHTTP1
import Postgres
import Production
import ProviderPeers
import SpeechPeers
import Synchronization
import TestServers

extension Drill {
    /// Fault 13, on: publishing on YouTube.
    static let channel: [Drill] = [
        Drill(13, "the upload worker killed at each point of a publication on YouTube") {
            try await FaultFleet.withPeers { fleet, _ in
                try fleet.start()
                let victim = try fleet.worker("upload-1")
                for point in Failpoint.allCases where point.rawValue.hasPrefix("publication.") {
                    let before = victim.restarts
                    victim.arm("\(point.rawValue)=kill@1")
                    await victim.run.kill()
                    try await eventually("it is back, armed", within: .seconds(20)) { victim.restarts > before }
                    victim.arm(nil)
                    try await fleet.openStories(1)
                    try await eventually("it has died at \(point.rawValue)", within: .seconds(60)) {
                        victim.restarts > before + 1
                    }
                    try await fleet.finish()
                }
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "the upload worker killed in the middle of an upload: its successor goes on there", quick: true) {
            try await FaultFleet.withPeers(settings: video) { fleet, peers in
                try fleet.start()
                try await killWithin(fleet, peers)
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "YouTube breaks off, answers with 500 and 503, loses answers, and lets tokens expire") {
            try await FaultFleet.withPeers(settings: video) { fleet, peers in
                try fleet.start()
                for whim in whims(of: peers) {
                    whim.strike(peers.youTube)
                    try await fleet.openStories(1)
                    try await eventually("a story is published after \(whim.name)", within: .seconds(90)) {
                        try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
                    }
                }
                guard peers.youTube.transfers.allSatisfy({ $0.again == 0 }) else {
                    throw DrillFailure("sent twice: \(peers.youTube.transfers)")
                }
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "the project's uploads of the day used up: YouTube is asked once, and all jobs wait") {
            try await FaultFleet.withPeers { fleet, peers in
                peers.youTube.server.fail(
                    .reply(PeerRefusal(403, "quotaExceeded", "You have exceeded your quota.").reply), times: .max,
                    where: opensSession)
                try fleet.start()
                var jobs = try await fleet.openStories(1)
                for count in 1...3 {
                    if count > 1 { jobs += try await fleet.openStories(1) }
                    try await eventually("\(count) wait for the next day in California", within: .seconds(60)) {
                        try await fleet.number(
                            """
                            SELECT count(*) FROM jobs WHERE state = 'waiting' AND stage = 'upload'
                              AND due_at > now() AND due_at < now() + interval '25 hours 10 minutes'
                            """) == count
                    }
                }
                let asked = peers.youTube.server.requests.count { opensSession($0.head) }
                guard asked == 1 else { throw DrillFailure("YouTube was asked \(asked) times") }
                // It is midnight in California.
                peers.youTube.server.failNoMore()
                try await fleet.database.execute("UPDATE quota_uses SET exhausted_until = NULL")
                for job in jobs { try await fleet.run("ytempire", "job", "retry", "\(job)") }
                try await fleet.finish()
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(13, "a storm: a random worker killed every second for 20 s, and every fifth answer of a provider lost") {
            try await FaultFleet.withPeers(settings: video) { fleet, peers in try await storm(fleet, peers) }
        },
        Drill(13, "the consent to the account taken back: its jobs end dead, and go on once it is connected again") {
            try await FaultFleet.withPeers { fleet, peers in try await revoke(fleet, peers) }
        },
    ]

    /// More than three times what YouTube confirms at once.
    private static let video = ["testing.video-bytes": "1000000"]

    @Sendable private static func isBytes(_ head: HTTPRequestHead) -> Bool {
        head.method == .PUT && head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0 > 0
    }

    private static func killWithin(_ fleet: FaultFleet, _ peers: FleetPeers) async throws {
        let victim = try fleet.worker("upload-1")
        let before = victim.restarts
        peers.youTube.server.fail(.hang(after: 600_000), where: isBytes)
        try await fleet.openStories(1)
        try await eventually("YouTube has part of the video", within: .seconds(60)) {
            peers.youTube.server.requests.contains { isBytes($0.head) && $0.count >= 600_000 }
        }
        await victim.run.kill()
        try await fleet.finish()
        guard victim.restarts > before, peers.youTube.transfers.map(\.starts) == [[0, 524_288]],
            peers.youTube.transfers.allSatisfy({ $0.again == 0 }), peers.youTube.inserts == 1
        else { throw DrillFailure("uploaded as \(peers.youTube.transfers), in \(peers.youTube.inserts) sessions") }
    }

    @Sendable private static func opensSession(_ head: HTTPRequestHead) -> Bool {
        head.method == .POST && head.uri.hasPrefix("/upload/youtube/v3/videos")
    }

    private static func storm(_ fleet: FaultFleet, _ peers: FleetPeers) async throws -> Outcome {
        let servers = [peers.chat, peers.speaker.server, peers.youTube.server]
        for server in servers {
            let count = Mutex(0)
            server.fail(.loseAnswer, times: .max) { _ in
                count.withLock { count in
                    count += 1
                    return count.isMultiple(of: 5)
                }
            }
        }
        var dice = Dice(13)
        try fleet.start(each: 2)
        try await fleet.openStories(12)
        for _ in 0..<20 {
            try await Task.sleep(for: .seconds(1))
            await fleet.workers.randomElement(using: &dice)?.run.kill()
            try await fleet.passDeadlines()
        }
        for server in servers { server.failNoMore() }
        let still = ContinuousClock.now
        try await eventually("every job has ended", within: .seconds(180), every: .milliseconds(500)) {
            try await fleet.passDeadlines()
            return try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0
        }
        let verdict = try await Oracle(fleet).check()
        for books in try await fleet.books() { say("  \(books)") }
        return Outcome(verdict, recovery: still.duration(to: .now).inSeconds)
    }

    private struct ChannelWhim {
        let name: String
        let strike: (YouTubePeer) -> Void
    }

    private static func whims(of peers: FleetPeers) -> [ChannelWhim] {
        func reply(_ status: Int, _ reason: String, wait: Int? = nil) -> PeerFault {
            var reply = PeerRefusal(status, reason, "Not now.").reply
            if let wait { reply.headers.add(name: "Retry-After", value: "\(wait)") }
            return .reply(reply)
        }
        @Sendable func sets(_ head: HTTPRequestHead) -> Bool { head.uri.contains("thumbnails") }
        return [
            ChannelWhim(name: "a reset at byte 300,000") {
                $0.server.fail(.resetWhileReading(after: 300_000), where: isBytes)
            },
            ChannelWhim(name: "a reset at byte 1") { $0.server.fail(.resetWhileReading(after: 1), where: isBytes) },
            ChannelWhim(name: "500 for the bytes") { $0.server.fail(reply(500, "backendError"), where: isBytes) },
            ChannelWhim(name: "503 with Retry-After") {
                $0.server.fail(reply(503, "backendError", wait: 1), where: isBytes)
            },
            ChannelWhim(name: "the answer to the last byte lost") { $0.server.fail(.loseAnswer, where: isBytes) },
            ChannelWhim(name: "the answer to the last byte cut off") {
                $0.server.fail(.cutAnswer(after: 20), where: isBytes)
            },
            ChannelWhim(name: "the session's address lost") { $0.server.fail(.loseAnswer, where: opensSession) },
            ChannelWhim(name: "503 for a session") { $0.server.fail(reply(503, "backendError"), where: opensSession) },
            ChannelWhim(name: "the session moved") { $0.moveNextSession() },
            ChannelWhim(name: "the thumbnail refused for a while") {
                $0.server.fail(reply(503, "backendError"), where: sets)
            },
            ChannelWhim(name: "an expired token") { $0.expireTokens() },
            ChannelWhim(name: "a token that expires while the bytes are on their way") { peer in
                peer.server.fail(reply(401, "authError"), where: isBytes)
            },
        ]
    }

    private static func revoke(_ fleet: FaultFleet, _ peers: FleetPeers) async throws -> Outcome {
        try fleet.start()
        try await fleet.openStories(1)
        try await fleet.finish()
        peers.youTube.revokeGrant(FleetPeers.refreshToken)
        let jobs = try await fleet.openStories(2)
        try await fleet.finish()
        let dead = try await fleet.texts(
            "SELECT error ->> 'answer' FROM jobs WHERE state = 'dead' AND stage = 'upload' ORDER BY id")
        guard dead.count == 2, dead.allSatisfy({ $0.contains("ytempire account connect") }) else {
            throw DrillFailure("a person is not told how to go on: \(dead)")
        }
        guard try await fleet.texts("SELECT state FROM accounts") == ["parked"] else {
            throw DrillFailure("the account is not parked")
        }
        peers.consent()
        try await fleet.connect()
        for job in jobs { try await fleet.run("ytempire", "job", "retry", "\(job)") }
        try await fleet.finish()
        try await fleet.checkBooks(doubts: 0)
        return Outcome(try await Oracle(fleet).check())
    }
}
