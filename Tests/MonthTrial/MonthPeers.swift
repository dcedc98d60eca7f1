import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import SpeechPeers
import Synchronization

/// The providers of a month, on loopback ports: strict, counting, and as unreliable as the plan says.
struct MonthPeers: Sendable {
    static let openAIKey = "sk-month-0123456789abcdef"
    static let pexelsKey = "pexels-month-0123456789"
    static let voice = "21m00Tcm4TlvDq8ikWAM"

    let chat: OpenAIPeer
    let writer: PeerServer
    let speaker: ElevenLabsPeer
    let pexels: PexelsPeer

    /// Serves for as long as `body` runs.
    static func with<Answer: Sendable>(
        _ plan: MonthPlan, _ body: @escaping @Sendable (MonthPeers) async throws -> Answer
    ) async throws -> Answer {
        let chat = OpenAIPeer(
            key: openAIKey,
            models: [
                OpenAIPeer.Model("gpt-5-mini", input: 250_000, cached: 25_000, output: 2_000_000),
                OpenAIPeer.Model("gpt-5-nano", input: 50_000, cached: 5_000, output: 400_000),
            ], manner: { write(&$0, turn: $1, plan) })
        var account = ElevenLabsPeer.Account()
        (account.hums, account.creditLimit) = (true, .max)
        let peers = MonthPeers(
            chat: chat, writer: try await PeerServer.bind { chat.handle($0) },
            speaker: try await ElevenLabsPeer.bind(account),
            // Its hour is a real one, and the month's hours pass in seconds: the fleet's own count is what keeps the rate.
            pexels: try await PexelsPeer.bind(
                key: pexelsKey, hourly: .max, catalogue: StockPeerCatalogue(isVast: true),
                media: StockPeerMedia(isPlain: true)))
        peers.beUnreliable(plan)
        return try await PeerServer.running([peers.writer, peers.speaker.server, peers.pexels.server]) {
            try await body(peers)
        }
    }

    /// As a model writes: pictures are asked for by what can be seen; and now and then a draft is too short.
    private static func write(_ script: inout PeerScript, turn: Int, _ plan: MonthPlan) {
        var dice = Dice(plan.seed, "draft \(script.title)")
        if turn == 0, dice.falls(plan.sentBackShare), script.scenes.count > 3 {
            script.scenes.removeSubrange(1..<(script.scenes.count / 2))
        }
        for place in script.scenes.indices {
            script.scenes[place].search = Newsroom.searches(for: script.scenes[place].narration)
        }
    }

    private func beUnreliable(_ plan: MonthPlan) {
        func sometimes(_ share: Double, _ what: String) -> @Sendable () -> Bool {
            let dice = SharedDice(Dice(plan.seed, what))
            return { dice.falls(share) }
        }
        for (server, refusal) in [
            (
                writer,
                OpenAIPeer.error(429, "Rate limit reached for requests", "requests", code: "rate_limit_exceeded")
            ),
            (speaker.server, ElevenLabsPeer.refusal(429, "system_busy", "The system is busy, try again later.")),
            (pexels.server, PeerReply.json(#"{"error":"Service unavailable"}"#, status: 503)),
        ] {
            let (refused, broken) = (
                sometimes(plan.refusedShare, "refused \(refusal.body.count)"),
                sometimes(plan.brokenShare, "broken \(refusal.body.count)")
            )
            server.fail(.reply(refusal), times: .max) {
                $0.method == .POST || server === pexels.server ? refused() : false
            }
            server.fail(.reply(.json(#"{"error":{"message":"Internal error"}}"#, status: 500)), times: .max) {
                $0.method == .POST || server === pexels.server ? broken() : false
            }
        }
    }

    /// Micro-dollars that the peers have billed, by provider.
    func bills(perCredit: Int64) -> [ProviderName: Int64] {
        ["openai": chat.bill.amount, "elevenlabs": Int64(speaker.creditsBilled) * perCredit]
    }
}

private final class SharedDice: Sendable {
    private let dice: Mutex<Dice>
    init(_ dice: Dice) { self.dice = Mutex(dice) }
    func falls(_ share: Double) -> Bool { dice.withLock { $0.falls(share) } }
}
