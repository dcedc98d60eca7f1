import Crypto
import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// Asks one library: at most as often as it allows, by the count of all workers, and nothing twice for as long as an answer lasts.
struct LibraryDesk: Sendable {
    let line: ProviderLine
    let key: StockKey
    let rules: LibraryRules
    let memory: any StockMemory
    let now: @Sendable () -> Date

    init(
        _ line: ProviderLine, key: Secret, rules: LibraryRules, memory: any StockMemory,
        now: @escaping @Sendable () -> Date
    ) {
        (self.line, self.rules, self.memory, self.now) = (line, rules, memory, now)
        let digest = SHA256.hash(data: Data("\(line.provider) \(key.value)".utf8))
        self.key = StockKey(line.provider, fingerprint: Array(digest.prefix(8)).hexadecimal)
    }

    /// Answers from memory, or asks.
    ///
    /// - Parameters:
    ///   - request: what is asked, without the key: the name under which the answer is kept.
    ///   - read: makes something of an answer's body; nil if it is not what the documentation says.
    func answer<Answer>(
        to request: String, by call: HTTPCall, asked: String, read: (HTTPReply?, [UInt8]) -> Answer?
    ) async throws -> (answer: Answer, isFresh: Bool) {
        if let kept = try await memory.answer(of: line.provider, to: request, within: rules.answersLast),
            let answer = read(nil, kept)
        {
            return (answer, false)
        }
        let reply = try await reply(to: call, asked: asked)
        guard let answer = read(reply, reply.body) else {
            throw line.failure(
                .transient(), asked: asked, answer: "status \(reply.status) with something else: \(reply.excerpt())")
        }
        try await memory.keep(reply.body, of: line.provider, to: request)
        return (answer, true)
    }

    /// Asks, and notes what the answer says of the rate.
    ///
    /// - Throws: `StageFailure` for every answer but a success.
    func reply(to call: HTTPCall, asked: String) async throws -> HTTPReply {
        if let opens = try await memory.admit(key, calls: rules.calls, within: rules.period) {
            throw line.failure(
                .limited(until: opens), asked: asked, answer: "not asked: its rate is used up until \(opens.clock)")
        }
        let reply = try await line.send(call, asked: asked)
        let isLimited = isLimited(reply)
        var rate = StockRate(remaining: number(reply, "X-Ratelimit-Remaining"), resetsAt: reset(reply))
        if isLimited {
            rate.closedUntil = now() + (reply.retryAfter(now: now()) ?? rules.pause).seconds
        } else if rate.remaining == 0 {
            rate.closedUntil = rate.resetsAt ?? now() + rules.pause.seconds
        }
        if rate != StockRate() { try await memory.note(rate, of: key) }
        guard !reply.isSuccess else { return reply }
        let words = "status \(reply.status): \(reply.excerpt())"
        switch reply.status {
        case _ where isLimited:
            throw line.failure(.limited(until: rate.closedUntil ?? now()), asked: asked, answer: words)
        // Pixabay's way to say it.
        case 400 where words.lowercased().contains("api key"), 401:
            throw line.failure(.permanent, asked: asked, answer: "\(words); is \(rules.keyName) right?")
        case 408, 500...599: throw line.transient(reply, asked: asked, answer: words)
        default: throw line.failure(.permanent, asked: asked, answer: words)
        }
    }

    /// Unsplash answers 403 where others answer 429: it is the rate if nothing is left of it, or if it says so; else the key may
    /// not do this.
    private func isLimited(_ reply: HTTPReply) -> Bool {
        switch reply.status {
        case 429: true
        case 403:
            number(reply, "X-Ratelimit-Remaining") == 0
                || reply.excerpt().lowercased().contains("rate limit exceeded")
        default: false
        }
    }

    private func number(_ reply: HTTPReply, _ header: String) -> Int? {
        reply.headers.first(name: header).flatMap { Int($0) }
    }

    /// A moment, in seconds of the epoch, or seconds from now: Pexels says the one, Pixabay the other.
    private func reset(_ reply: HTTPReply) -> Date? {
        guard let seconds = number(reply, "X-Ratelimit-Reset"), seconds >= 0 else { return nil }
        return seconds > 1_000_000_000 ? Date(timeIntervalSince1970: Double(seconds)) : now() + Double(seconds)
    }
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension Date {
    /// `2026-11-22T01:05:00Z`
    fileprivate var clock: String { formatted(.iso8601) }
}
