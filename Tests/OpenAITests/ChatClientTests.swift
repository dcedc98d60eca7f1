import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderCalling
import ProviderPeers
import Synchronization
import Testing

@testable import OpenAI

@Suite struct `A call of a model` {
    private func request(_ words: String = "Say a word as JSON.", model: String = "gpt-dear") -> ChatRequest {
        ChatRequest(
            model: ChatModel(model), messages: [ChatMessage(.developer, "Be brief."), ChatMessage(.user, words)],
            schema: StoryDraft.schema, schemaName: StoryDraft.schemaName, tokenLimit: 1_000)
    }

    @Test func `is held at its upper bound and settled by its usage, an item a row, to the peer's own bill`()
        async throws
    {
        try await Bench.with { bench in
            bench.peer.answer(.text("a word"))
            let client = try bench.client()
            let answer = try await client.answer(to: request(), turn: 0, spending: bench.spending)
            #expect(answer.outcome == .text("a word"))
            let usage = try #require(answer.usage)
            #expect(bench.spending.costs.map(\.item) == ["input_tokens", "output_tokens"])
            #expect(bench.spending.costs.map(\.quantity) == [usage.prompt, usage.completion])
            #expect(bench.spending.spent.rawValue == bench.peer.bill.amount)
            #expect(bench.spending.held == 0)
            let body = try request().body(for: client.server)
            let bound = try #require(bench.spending.requests.first).upperBound
            #expect(bound.rawValue == Int64((body.count + 256) * 2 + 1_000 * 12))
            #expect(bound > bench.spending.spent)
        }
    }

    @Test func `asked again is answered from what was kept`() async throws {
        try await Bench.with { bench in
            bench.peer.answer(.text("once"))
            for _ in 0..<3 {
                let answer = try await bench.client().answer(to: request(), turn: 0, spending: bench.spending)
                #expect(answer.outcome == .text("once"))
            }
            #expect(bench.peer.bill.calls == 1)
        }
    }

    @Test func `pays less for what the server had in its cache`() async throws {
        try await Bench.with { bench in
            let long = String(repeating: "Glass is made of sand, ash and lime. ", count: 200)
            bench.peer.answer(.text("one"), .text("two"))
            let client = try bench.client()
            for turn in 0..<2 {
                _ = try await client.answer(to: request(long), turn: turn, spending: bench.spending)
            }
            #expect(bench.spending.costs.map(\.item).contains("cached_input_tokens"))
            #expect(bench.peer.bill.cachedTokens > 1_000)
            #expect(bench.spending.spent.rawValue == bench.peer.bill.amount)
        }
    }

    @Test func `without usage is priced at the most it can be`() async throws {
        try await Bench.with { bench in
            bench.peer.tellUsage(false)
            bench.peer.answer(.text("a word"))
            let answer = try await bench.client().answer(to: request(), turn: 0, spending: bench.spending)
            #expect(answer.usage == nil)
            #expect(bench.spending.spent == bench.spending.requests.first?.upperBound)
        }
    }

    @Test func `is priced by the tier that served it, where the list has prices for one`() async throws {
        try await Bench.with { bench in
            var prices = Bench.prices.prices
            prices[.init(provider: "openai", model: "gpt-dear@flex", item: "output_tokens")] = Price(
                micros: 6_000_000, perUnits: 1_000_000)
            let client = try bench.client(prices: PriceList(prices: prices, asOf: "2026-11-22"))
            bench.peer.serve(tier: "flex")
            _ = try await client.answer(to: request(), turn: 0, spending: bench.spending)
            #expect(bench.spending.costs.last?.price == Price(micros: 6_000_000, perUnits: 1_000_000))
            bench.peer.serve(tier: "priority")
            _ = try await client.answer(to: request(), turn: 1, spending: bench.spending)
            #expect(bench.spending.costs.last?.price == Price(micros: 12_000_000, perUnits: 1_000_000))
        }
    }

    @Test func `of a model without a price is an error, and nothing is asked`() async throws {
        try await Bench.with { bench in
            let client = try bench.client(prices: PriceList(prices: [:], asOf: "2026-11-22"))
            let failure = await #expect(throws: StageFailure.self) {
                try await client.answer(to: request(), turn: 0, spending: bench.spending)
            }
            #expect(
                failure?.kind == .permanent && failure?.answer.contains("prices.openai.gpt-dear.input_tokens") == true)
            #expect(bench.server.requests.isEmpty)
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var status: Int
        var type: String
        var code: String?
        var headers: HTTPHeaders = [:]
        var kind: StageFailure.Kind
        var isFree: Bool
        var shortOf: StageFailure.Ceiling?

        var testDescription: String { "\(status) \(type) \(code ?? "") \(headers)" }
    }

    private static let now = Date(timeIntervalSince1970: 1_795_000_000)
    private static let tomorrow = Date(timeIntervalSince1970: 1_795_046_400)

    @Test(arguments: [
        Refusal(status: 400, type: "invalid_request_error", kind: .permanent, isFree: true),
        Refusal(status: 401, type: "invalid_request_error", code: "invalid_api_key", kind: .permanent, isFree: true),
        Refusal(
            status: 403, type: "request_forbidden", code: "unsupported_country_region_territory", kind: .permanent,
            isFree: true),
        Refusal(status: 404, type: "invalid_request_error", code: "model_not_found", kind: .permanent, isFree: true),
        Refusal(status: 409, type: "conflict_error", kind: .transient(), isFree: false),
        Refusal(status: 422, type: "invalid_request_error", kind: .permanent, isFree: true),
        Refusal(
            status: 429, type: "tokens", code: "rate_limit_exceeded", headers: ["retry-after": "20"],
            kind: .limited(until: now + 20), isFree: true),
        Refusal(
            status: 429, type: "requests", code: "rate_limit_exceeded",
            headers: ["retry-after": "9", "retry-after-ms": "7500"], kind: .limited(until: now + 7.5), isFree: true),
        Refusal(
            status: 429, type: "tokens", code: "rate_limit_exceeded",
            headers: ["x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m12s"],
            kind: .limited(until: now + 72), isFree: true),
        Refusal(status: 429, type: "rate_limit_error", code: "slow_down", kind: .transient(), isFree: true),
        Refusal(
            status: 429, type: "insufficient_quota", code: "insufficient_quota", headers: ["retry-after": "1"],
            kind: .limited(until: tomorrow), isFree: true, shortOf: .provider),
        Refusal(
            status: 429, type: "insufficient_quota", code: "credit_balance_exhausted", kind: .limited(until: tomorrow),
            isFree: true, shortOf: .provider),
        Refusal(
            status: 429, type: "requests", code: "project_spend_limit_exceeded",
            headers: ["x-should-retry": "true"], kind: .limited(until: tomorrow), isFree: true, shortOf: .provider),
        Refusal(
            status: 429, type: "insufficient_quota", code: "rate_limit_exceeded", kind: .limited(until: tomorrow),
            isFree: true, shortOf: .provider),
        Refusal(status: 500, type: "server_error", kind: .transient(), isFree: false),
        Refusal(status: 502, type: "server_error", kind: .transient(), isFree: false),
        Refusal(
            status: 503, type: "service_unavailable_error", code: "server_is_overloaded",
            headers: ["retry-after": "30"],
            kind: .transient(retryAfter: .seconds(30)), isFree: false),
        Refusal(
            status: 500, type: "server_error", headers: ["x-should-retry": "false"], kind: .permanent, isFree: false),
    ])
    func `that is refused ends as the error codes say`(refusal: Refusal) async throws {
        try await Bench.with { bench in
            bench.server.fail(
                .reply(
                    OpenAIPeer.error(
                        refusal.status, "No, \(Bench.key) may not.", refusal.type, code: refusal.code,
                        headers: refusal.headers)))
            let client = try bench.client(now: { Self.now })
            let failure = await #expect(throws: StageFailure.self) {
                try await client.answer(to: request(), turn: 0, spending: bench.spending)
            }
            #expect(failure?.kind == refusal.kind)
            #expect(failure?.shortOf == refusal.shortOf)
            #expect(bench.spending.released == (refusal.isFree ? 1 : 0))
            #expect(bench.spending.inDoubt.count == (refusal.isFree ? 0 : 1))
            #expect(bench.server.requests.count == 1)
            let words = failure.map { "\($0)" } ?? ""
            #expect(words.contains("HTTP \(refusal.status)") && words.contains("req_peer"))
            #expect(!words.contains(Bench.key))
        }
    }

    @Test func `is not made at all for a while after the credit was used up`() async throws {
        try await Bench.with { bench in
            bench.peer.answer(.text("kept"))
            let clock = Clock()
            let client = try bench.client(now: { clock.now })
            _ = try await client.answer(to: request("before"), turn: 0, spending: bench.spending)
            bench.server.fail(
                .reply(OpenAIPeer.error(429, "You have no credit.", "insufficient_quota", code: "insufficient_quota")))
            for _ in 0..<3 {
                let failure = await #expect(throws: StageFailure.self) {
                    try await client.answer(to: request(), turn: 0, spending: bench.spending)
                }
                #expect(failure?.shortOf == .provider && failure?.answer.contains("no credit") == true)
            }
            #expect(bench.server.requests.count == 2)
            #expect(bench.spending.inDoubt.isEmpty)
            // What was paid for before is still found.
            let kept = try await client.answer(to: request("before"), turn: 0, spending: bench.spending)
            #expect(kept.outcome == .text("kept"))
            clock.advance(901)
            _ = try await client.answer(to: request(), turn: 0, spending: bench.spending)
            #expect(bench.server.requests.count == 3)
        }
    }

    @Test func `whose answer is lost stands in doubt`() async throws {
        try await Bench.with { bench in
            for fault in [PeerFault.loseAnswer, .cutAnswer(after: 20), .reply(.json("{\"choices\": []}"))] {
                bench.server.fail(fault)
                let failure = await #expect(throws: StageFailure.self) {
                    try await bench.client().answer(to: request(), turn: 0, spending: bench.spending)
                }
                #expect(failure?.kind == .transient())
            }
            #expect(bench.spending.inDoubt.count == 3)
            // Provider's count ≤ ledger ≤ provider's count + rows in doubt.
            #expect(bench.peer.bill.calls == 2)
            #expect(bench.peer.bill.amount <= bench.spending.spent.rawValue)
            _ = try await bench.client().answer(to: request(), turn: 0, spending: bench.spending)
            #expect(bench.peer.bill.calls == 3)
        }
    }

    @Test func `to a server that is not there costs nothing`() async throws {
        try await Bench.with { bench in
            let server = ChatServer(.openAI, base: "http://127.0.0.1:1/v1", key: Secret(Bench.key))
            let client = ChatClient(server, by: try .init(), prices: Bench.prices)
            let failure = await #expect(throws: StageFailure.self) {
                try await client.answer(to: request(), turn: 0, spending: bench.spending)
            }
            #expect(failure?.kind == .transient())
            #expect(bench.spending.released == 1 && bench.spending.spent == 0)
        }
    }

    @Test func `too slow is given up, and stands in doubt`() async throws {
        try await Bench.with { bench in
            bench.server.fail(.slow(piece: 1, pause: .milliseconds(50)))
            let failure = await #expect(throws: StageFailure.self) {
                try await bench.client(timeout: .milliseconds(300)).answer(
                    to: request(), turn: 0, spending: bench.spending)
            }
            #expect(failure?.kind == .transient() && bench.spending.inDoubt.count == 1)
        }
    }

    @Test func `is read in OpenAI's order: refusal, length, content filter, text`() throws {
        func outcome(_ content: String, _ refusal: String, _ reason: String) -> ChatAnswer.Outcome? {
            ChatAnswer(
                Array(
                    """
                    {"choices":[{"index":0,"finish_reason":"\(reason)","message":{"role":"assistant",\
                    "content":\(content),"refusal":\(refusal)}}]}
                    """.utf8))?.outcome
        }
        #expect(outcome("null", "\"No.\"", "length") == .refused("No."))
        #expect(outcome("\"{\"", "null", "length") == .truncated)
        #expect(outcome("\"\"", "null", "content_filter") == .filtered)
        #expect(outcome("\"text\"", "null", "stop") == .text("text"))
        #expect(outcome("null", "null", "stop") == .text(""))
        #expect(ChatAnswer(Array("<html>".utf8)) == nil)
    }

    @Test(arguments: [
        ("12ms", 12), ("1s", 1_000), ("6m0s", 360_000), ("1h2m", 3_720_000), ("1.5s", 1_500),
    ])
    func `tells when its rate is fresh again`(text: String, milliseconds: Int) {
        #expect(OpenAITrouble.span(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "5", "5 s", "-1s", "99h", "1d"])
    func `tells nothing by a span that is none`(text: String) { #expect(OpenAITrouble.span(text) == nil) }

    @Test func `has the same body in every process, and no key in it`() throws {
        let server = ChatServer(.openAI, key: Secret(Bench.key))
        let bodies = try (0..<20).map { _ in try request().body(for: server) }
        #expect(Set(bodies).count == 1)
        let text = String(decoding: bodies[0], as: UTF8.self)
        #expect(text.hasPrefix("{\"max_completion_tokens\":1000,\"messages\":[{\"content\":\"Be brief.\",\"role\":"))
        #expect(!text.contains("canary"))
    }

    @Test func `lists the models that the key may use`() async throws {
        try await Bench.with { bench in
            #expect(try await bench.client().models() == ["gpt-cheap", "gpt-dear"])
            let stranger = try bench.client(change: { $0.key = Secret("sk-another-key") })
            let failure = await #expect(throws: StageFailure.self) { try await stranger.models() }
            #expect(failure?.kind == .permanent && failure?.answer.contains("invalid_api_key") == true)
        }
    }
}

/// A clock that a test moves.
final class Clock: Sendable {
    private let moved = Mutex<TimeInterval>(0)

    var now: Date { Date(timeIntervalSince1970: 1_795_000_000 + moved.withLock { $0 }) }

    func advance(_ seconds: TimeInterval) { moved.withLock { $0 += seconds } }
}
