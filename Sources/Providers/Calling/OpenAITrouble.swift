package import FoundationEssentials
package import HTTP
import NIOHTTP1
package import Production

/// What an answer with an error's status means, by OpenAI's guide to its error codes: the status first, then the code, then
/// the type. Local servers write other bodies; whatever can be read of them is.
package struct OpenAITrouble: Sendable, Equatable {
    package enum Action: Sendable, Equatable {
        /// May go away by itself; billed or not, nobody says.
        case retry(after: Duration?)
        /// Too much was asked in too short a time.
        case rate(wait: Duration?)
        /// Credit or a spending limit is used up. Only a person or a new period helps.
        case moneyOut
        case permanent
    }

    package let action: Action
    /// The server's own words.
    package let words: String
    /// Whether it is certain that nothing was billed: the request was refused before any work was done.
    package let isFree: Bool

    package init(_ reply: HTTPReply, now: Date) {
        let body = (try? JSONDecoder().decode(Body.self, from: Data(reply.body)))?.error
        let (code, type) = (body?.code ?? "", body?.type ?? "")
        words = Self.words(reply, body)
        isFree = (400..<500).contains(reply.status) && ![408, 409, 499].contains(reply.status)
        let wait = reply.retryAfter(now: now)
        switch reply.status {
        case _ where Self.moneyOut.contains(code) || Self.moneyOut.contains(type): action = .moneyOut
        case 402: action = .moneyOut
        case 429: action = .rate(wait: wait ?? Self.reset(reply))
        case _ where reply.headers.first(name: "x-should-retry") == "false": action = .permanent
        case _ where reply.headers.first(name: "x-should-retry") == "true": action = .retry(after: wait)
        case 408, 409, 500...: action = .retry(after: wait)
        default: action = .permanent
        }
    }

    /// The failure that it is.
    package func failure(_ line: ProviderLine, asked: String, now: Date) -> StageFailure {
        switch action {
        case .moneyOut: return Self.creditOut(words, line, asked: asked, now: now)
        case .permanent: return line.failure(.permanent, asked: asked, answer: words)
        case .retry(let wait): return line.failure(.transient(retryAfter: wait), asked: asked, answer: words)
        case .rate(let wait?):
            // Waiting for a rate costs no attempt, so it must be a wait: never less than a few seconds.
            let until = now + max(wait.inSeconds, Self.shortestWait)
            return line.failure(.limited(until: until), asked: asked, answer: words)
        case .rate(nil): return line.failure(.transient(), asked: asked, answer: words)
        }
    }

    /// Money-out errors are never retried: the job waits for the next day, when a person may have paid or a period has begun
    /// (OpenAI's are counted in UTC).
    package static func creditOut(_ words: String, _ line: ProviderLine, asked: String, now: Date) -> StageFailure {
        let day = (now.timeIntervalSince1970 / 86_400).rounded(.down) + 1
        let failure = line.failure(
            .limited(until: Date(timeIntervalSince1970: day * 86_400)), asked: asked,
            answer: "\(words); its credit or spending limit is used up: add to it, then have the job tried again")
        return StageFailure(
            failure.kind, provider: failure.provider, asked: failure.asked, answer: failure.answer, shortOf: .provider)
    }

    /// Seconds
    private static let shortestWait = 5.0

    /// Codes and types that come with 429, as "wait" does, and mean that waiting does not help.
    private static let moneyOut: Set<String> = [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
    ]

    private static func words(_ reply: HTTPReply, _ body: Body.Trouble?) -> String {
        let kind = [body?.type, body?.code].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "/")
        let parts = [
            "HTTP \(reply.status)", kind.isEmpty ? nil : kind,
            body?.message.map { "“\($0.prefix(400))”" } ?? (reply.body.isEmpty ? nil : "“\(reply.excerpt())”"),
            body?.param.map { "parameter \($0)" }, reply.headers.first(name: "x-request-id").map { "request \($0)" },
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    /// The later of the two moments at which the requests and the tokens of the minute are fresh again.
    private static func reset(_ reply: HTTPReply) -> Duration? {
        ["requests", "tokens"].filter {
            reply.headers.first(name: "x-ratelimit-remaining-\($0)").flatMap { Int($0) } == 0
        }
        .compactMap { reply.headers.first(name: "x-ratelimit-reset-\($0)").flatMap(Self.span) }.max()
    }

    /// `12ms`, `1s`, `6m0s`, `1h2m`; nil for anything else.
    package static func span(_ text: String) -> Duration? {
        var (rest, sum) = (text[...], 0.0)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let factor = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600][unit] else {
                return nil
            }
            sum += value * factor
        }
        return sum <= 86_400 ? .milliseconds(Int64((sum * 1_000).rounded(.up))) : nil
    }

    private struct Body: Decodable {
        struct Trouble: Decodable {
            var message: String?
            var type: String?
            var param: String?
            var code: String?

            enum Key: CodingKey { case message, type, param, code }

            init(from decoder: any Decoder) throws {
                // Ollama's older versions write a bare string.
                if let text = try? decoder.singleValueContainer().decode(String.self) {
                    message = text
                    return
                }
                let container = try decoder.container(keyedBy: Key.self)
                message = try? container.decode(String.self, forKey: .message)
                type = try? container.decode(String.self, forKey: .type)
                param = try? container.decode(String.self, forKey: .param)
                // llama.cpp's is a number.
                code =
                    (try? container.decode(String.self, forKey: .code))
                    ?? (try? container.decode(Int.self, forKey: .code)).map(String.init)
            }
        }

        var error: Trouble
    }
}
