package import FoundationEssentials
package import HTTP
import NIOHTTP1
package import Production
import ProviderCalling
import Synchronization

/// Asks the models of one server, through the one door for money.
package final class ChatClient: Sendable {
    package let server: ChatServer
    let tariff: ChatTariff
    private let line: ProviderLine
    private let timeout: Duration
    private let now: @Sendable () -> Date
    /// Until when nothing is asked, and in which words the server said that its credit is used up.
    private let moneyOut = Mutex<(until: Date, words: String)?>(nil)

    /// - Parameter timeout: of one call. A reasoning model may take minutes before its first byte.
    package init(
        _ server: ChatServer, by caller: HTTPCaller, prices: PriceList, timeout: Duration = .seconds(180),
        ids: @escaping @Sendable () -> UUID = { UUID() }, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.server, self.timeout, self.now) = (server, timeout, now)
        line = ProviderLine(to: server.provider, by: caller, secrets: server.key.map { [$0] } ?? [], now: now)
        tariff = ChatTariff(server, prices: prices, ids: ids)
    }

    /// The models that the key may use.
    ///
    /// - Throws: `StageFailure`
    package func models() async throws -> [String] {
        let asked = "list the models of \(server.base)"
        let reply = try await line.send(
            HTTPCall(.GET, server.base + "/models", headers: headers, timeout: .seconds(30)), asked: asked)
        guard reply.isSuccess else { throw OpenAITrouble(reply, now: now()).failure(line, asked: asked, now: now()) }
        guard let list = try? JSONDecoder().decode(ModelList.self, from: Data(reply.body)) else {
            throw line.failure(.transient(), asked: asked, answer: "no list of models: “\(reply.excerpt(120))”")
        }
        return list.data.map(\.id).sorted()
    }

    /// The most that a request may cost.
    func upperBound(of request: ChatRequest) throws -> MicroDollars {
        try tariff.upperBound(
            bytes: request.body(for: server).count, tokens: request.tokenLimit, model: request.model.name)
    }

    /// Asks a model, or finds its kept answer.
    ///
    /// - Parameters:
    ///   - turn: of the conversation, from 0.
    ///   - scope: `PaidRequest.scope`
    /// - Throws: `StageFailure`, by `OpenAITrouble`. Where the server's credit is used up, `limited` until the next day and
    ///   `shortOf` the provider; for a while after, no call of this client is made at all.
    func answer(
        to request: ChatRequest, turn: Int, scope: String = "", spending: any Spending
    ) async throws -> ChatAnswer {
        let (body, model) = (try request.body(for: server), request.model.name)
        let asked = "write a script with \(model)"
        let paid = PaidRequest(
            provider: server.provider, model: model, body: body, ordinal: turn, scope: scope, item: "tokens",
            upperBound: try upperBound(of: request), timeLimit: timeout + .seconds(15))
        let raw = try await spending.answer(to: paid) { [self] _ in
            if let (until, words) = moneyOut.withLock({ $0 }), now() < until {
                throw NotBilled(
                    OpenAITrouble.creditOut(
                        "\(words), as it answered to a call before this one", line, asked: asked, now: now()))
            }
            let call = HTTPCall(
                .POST, server.base + "/chat/completions", headers: headers, body: .bytes(body), headTimeout: timeout,
                idleTimeout: timeout, timeout: timeout, answerLimit: 4 << 20)
            let reply = try await line.sendPaid(call, asked: asked)
            guard reply.isSuccess else {
                let trouble = OpenAITrouble(reply, now: now())
                if trouble.action == .moneyOut {
                    moneyOut.withLock { $0 = (now() + Self.pause, trouble.words) }
                }
                let failure = trouble.failure(line, asked: asked, now: now())
                if trouble.isFree { throw NotBilled(failure) }
                throw failure
            }
            guard let answer = ChatAnswer(reply.body) else {
                // Not kept: a retry would only find it again.
                throw line.failure(
                    .transient(), asked: asked, answer: "no chat completion: “\(reply.excerpt(120))”")
            }
            let costs = try tariff.costs(of: answer, bytes: body.count, tokens: request.tokenLimit, model: model)
            return PaidAnswer(body: reply.body, costs: costs)
        }
        guard let answer = ChatAnswer(raw) else {
            throw line.failure(.permanent, asked: asked, answer: "the kept answer is no chat completion")
        }
        return answer
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = ["Content-Type": "application/json", "Accept": "application/json"]
        if let key = server.key { headers.add(name: "Authorization", value: "Bearer \(key.value)") }
        if let organization = server.organization { headers.add(name: "OpenAI-Organization", value: organization) }
        if let project = server.project { headers.add(name: "OpenAI-Project", value: project) }
        return headers
    }

    /// So long after a money-out error no call is made, seconds: one call a quarter of an hour finds out whether a person has
    /// paid.
    private static let pause: TimeInterval = 900

    private struct ModelList: Decodable {
        struct Model: Decodable { var id: String }

        var data: [Model]
    }
}
