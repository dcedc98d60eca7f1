import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// The way to YouTube for one account: tokens, quotas and errors are seen to here.
struct AccountLine: Sendable {
    let account: PublishingAccount.ID
    let settings: YouTubeSettings
    /// Without the account's secrets; `line` has them.
    let way: ProviderLine
    let tokens: AccountTokens
    let book: any AccountBook
    let quotas: any QuotaBook
    let now: @Sendable () -> Date

    var line: ProviderLine { way.hiding(tokens.inUse.all) }

    /// Makes a call with the account's token, after taking what it costs from the project's day; a token that is refused is
    /// refreshed once. What comes back may be an error.
    func send(_ call: HTTPCall, taking amount: Int, of quota: Quota, asked: String) async throws -> HTTPReply {
        let token = try await tokens.token()
        try await quotas.take(amount, of: quota, for: line.provider)
        let reply = try await send(call, with: token, asked)
        guard reply.status == 401 else { return reply }
        return try await send(call, with: tokens.token(rejecting: token), asked)
    }

    /// The same for a call that costs units.
    ///
    /// - Throws: `StageFailure` for every error.
    func ask(_ call: HTTPCall, units: Int, asked: String) async throws -> HTTPReply {
        let reply = try await send(call, taking: units, of: settings.units, asked: asked)
        guard !reply.isSuccess else { return reply }
        throw try await failure(YouTubeTrouble(reply), reply, asked: asked, drawnOn: settings.units)
    }

    func value<Value: Decodable>(_ type: Value.Type, in reply: HTTPReply, asked: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(reply.body))
        } catch {
            throw line.failure(
                .transient(), asked: asked,
                answer: "\(reply.status), which is not the JSON it should be: \(reply.excerpt())")
        }
    }

    func list<Item: Decodable & Sendable>(
        _ path: String, _ query: [(String, String)], of type: Item.Type, asked: String
    ) async throws -> ListPage<Item> {
        let reply = try await ask(HTTPCall(.GET, url(path, query)), units: 1, asked: asked)
        return try value(ListPage<Item>.self, in: reply, asked: asked)
    }

    func url(_ path: String, _ query: [(String, String)]) -> String {
        "\(settings.endpoints.api)\(path)?\(WebForm.encode(query))"
    }

    /// What follows from an error of YouTube's: the quota that is used up is marked so, a suspended account is parked.
    ///
    /// - Parameter quota: what the call is counted against.
    func failure(
        _ trouble: YouTubeTrouble, _ reply: HTTPReply, asked: String, drawnOn quota: Quota
    ) async throws -> StageFailure {
        let words = trouble.words + trouble.advice
        switch trouble.kind {
        case .projectDay:
            let bucket = trouble.words.contains("Video Uploads") ? settings.uploads : quota
            let opens = try await quotas.exhausted(bucket, at: line.provider, until: nil)
            return line.failure(.limited(until: opens), asked: asked, answer: words)
        case .channelDay:
            let until = now().addingTimeInterval(86_400)
            try await book.park(account, until: until, because: line.redacted(words))
            return line.failure(.limited(until: until), asked: asked, answer: words)
        case .rate, .server: return line.transient(reply, asked: asked, answer: words)
        case .account:
            try await book.park(account, until: nil, because: line.redacted(words))
            return line.failure(.permanent, asked: asked, answer: words)
        case .unauthorised, .scope, .notFound, .conflict, .permanent:
            return line.failure(.permanent, asked: asked, answer: words)
        }
    }

    private func send(_ call: HTTPCall, with token: Secret, _ asked: String) async throws -> HTTPReply {
        var call = call
        call.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token.value)")
        return try await line.send(call, asked: asked)
    }
}

extension HTTPCall {
    /// A call with a JSON body.
    static func json(
        _ method: HTTPMethod, _ url: String, _ value: some Encodable, headers: HTTPHeaders = [:]
    ) throws -> HTTPCall {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers = headers
        headers.replaceOrAdd(name: "Content-Type", value: "application/json; charset=UTF-8")
        return HTTPCall(method, url, headers: headers, body: .bytes(Array(try encoder.encode(value))))
    }
}
