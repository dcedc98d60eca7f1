package import Foundation
package import NIOHTTP1
import Production
package import ProviderPeers
import Synchronization

/// Stands for ElevenLabs: strict about what it is asked, really speaks, counts what it bills.
package final class ElevenLabsPeer: Sendable {
    /// What the account is.
    package struct Account: Sendable {
        package var key = "sk_peer_0123456789abcdef"
        package var creditsUsed = 0
        package var creditLimit = 1_000_000
        package var reset = Date(timeIntervalSince1970: 1_900_000_000)
        package var atOnce = 5
        /// By id.
        package var voices = [
            "21m00Tcm4TlvDq8ikWAM": PeerVoice.Person(), "pNInz6obpgDQGcFmaJgB": PeerVoice.Person(pitch: 0.9),
        ]
        /// Whether answers say what they cost.
        package var tellsCost = true
        /// Whether answers say when characters are heard.
        package var tellsTimes = true
        /// Whether it only hums, as long as it would speak: a month of speech then costs next to nothing to make.
        package var hums = false
        /// Whether the key may read models and subscription.
        package var mayRead = true

        package init() {}
    }

    /// One synthesis that was done and billed.
    package struct Work: Sendable {
        /// The fields of the request that are text.
        package let request: [String: String]
        package let take: PeerVoice.Take
        package let credits: Int
    }

    package struct Model: Sendable {
        let limit: Int
        let multiplier: Double
    }

    package static let models: [String: Model] = [
        "eleven_multilingual_v2": Model(limit: 10_000, multiplier: 1),
        "eleven_flash_v2_5": Model(limit: 40_000, multiplier: 0.5),
        "eleven_v3": Model(limit: 3_000, multiplier: 1),
        // None that there is: one that takes very little.
        "eleven_tiny": Model(limit: 120, multiplier: 1),
    ]

    package let server: PeerServer
    private let state: State

    private final class State: Sendable {
        struct Values {
            var account: Account
            var underWay = 0
            var mostUnderWay = 0
            var work: [Work] = []
        }

        let values: Mutex<Values>

        init(_ account: Account) { values = Mutex(Values(account: account)) }
    }

    private init(server: PeerServer, state: State) { (self.server, self.state) = (server, state) }

    package static func bind(port: Int = 0, _ account: Account = Account()) async throws -> ElevenLabsPeer {
        let state = State(account)
        return ElevenLabsPeer(server: try await PeerServer.bind(port: port) { await answer($0, state) }, state: state)
    }

    /// Serves for as long as `body` runs.
    package static func with<Answer: Sendable>(
        _ account: Account = Account(), _ body: @escaping @Sendable (ElevenLabsPeer) async throws -> Answer
    ) async throws -> Answer {
        let peer = try await bind(account)
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask {
                try await peer.server.run()
                return nil
            }
            group.addTask { try await body(peer) }
            defer { group.cancelAll() }
            while let answer = try await group.next() {
                if let answer { return answer }
            }
            throw CancellationError()
        }
    }

    /// What was done and billed, in order.
    package var work: [Work] { state.values.withLock { $0.work } }
    package var creditsBilled: Int { work.reduce(0) { $0 + $1.credits } }
    package var mostUnderWay: Int { state.values.withLock { $0.mostUnderWay } }

    package func change(_ body: (inout Account) -> Void) { state.values.withLock { body(&$0.account) } }

    /// Calls to speak so far, refused ones among them.
    package var calls: Int { server.requests.count { $0.method == .POST } }

    package static func refusal(_ status: Int, _ code: String, _ message: String, headers: HTTPHeaders = [:])
        -> PeerReply
    {
        .json(#"{"detail":{"status":"\#(code)","message":"\#(message)"}}"#, status: status, headers: headers)
    }

    private static func invalid(_ place: String, _ message: String) -> PeerReply {
        .json(
            #"{"detail":[{"loc":["body","\#(place)"],"msg":"\#(message)","type":"value_error"}]}"#, status: 422)
    }

    private static func answer(_ request: PeerRequest, _ state: State) async -> PeerReply {
        let account = state.values.withLock { $0.account }
        guard let key = request.headers.first(name: "xi-api-key") else {
            return refusal(401, "needs_authorization", "Neither authorization header nor xi-api-key received.")
        }
        guard key == account.key else { return refusal(401, "invalid_api_key", "Invalid API key: \(key)") }
        let parts = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? "" }
        switch (request.method, parts) {
        case (.GET, ["v1", "models"]), (.GET, ["v1", "user", "subscription"]):
            guard account.mayRead else {
                return refusal(401, "missing_permissions", "The API key is missing the permission models_read")
            }
            return parts[1] == "models" ? modelList() : subscription(account)
        case (.POST, let parts) where parts.count == 4 && parts[..<2] == ["v1", "text-to-speech"]:
            guard parts[3] == "with-timestamps" else { break }
            return await speak(request, voice: parts[2], account, state)
        default: break
        }
        return .json(#"{"detail":"Not Found"}"#, status: 404)
    }

    private static func modelList() -> PeerReply {
        let list = models.sorted { $0.key < $1.key }.map { id, model in
            """
            {"model_id":"\(id)","name":"\(id)","can_do_text_to_speech":true,\
            "maximum_text_length_per_request":\(model.limit),"languages":[{"language_id":"en","name":"English"}],\
            "model_rates":{"character_cost_multiplier":\(model.multiplier)},"concurrency_group":"standard"}
            """
        }
        return .json("[\(list.joined(separator: ","))]")
    }

    private static func subscription(_ account: Account) -> PeerReply {
        .json(
            """
            {"tier":"creator","status":"active","character_count":\(account.creditsUsed),\
            "character_limit":\(account.creditLimit),"max_credit_limit_extension":0,"can_extend_character_limit":false,\
            "allowed_to_extend_character_limit":false,"voice_slots_used":0,"professional_voice_slots_used":0,\
            "professional_voice_slots_used_in_workspace":0,"voice_limit":30,"can_extend_voice_limit":false,\
            "can_use_instant_voice_cloning":true,"can_use_professional_voice_cloning":true,"voice_add_edit_counter":0,"professional_voice_limit":1,\
            "current_overage":{"amount":"0","currency":"usd"},"open_invoices":[],"has_open_invoices":false,\
            "next_character_count_reset_unix":\(Int(account.reset.timeIntervalSince1970))}
            """)
    }

    private static func speak(_ request: PeerRequest, voice: String, _ account: Account, _ state: State) async
        -> PeerReply
    {
        let number = state.values.withLock { values in
            values.underWay += 1
            values.mostUnderWay = max(values.mostUnderWay, values.underWay)
            return values.underWay
        }
        defer { state.values.withLock { $0.underWay -= 1 } }
        let headers: HTTPHeaders = [
            "request-id": UUID().uuidString, "current-concurrent-requests": "\(min(number, account.atOnce))",
            "maximum-concurrent-requests": "\(account.atOnce)",
        ]
        guard number <= account.atOnce else {
            return refusal(
                429, "too_many_concurrent_requests", "Too many concurrent requests. Your limit is \(account.atOnce).",
                headers: headers)
        }
        let ask: SpeechAsk
        switch SpeechAsk.read(request) {
        case .success(let read): ask = read
        case .failure(let problem): return invalid(problem.place, problem.message)
        }
        guard let model = models[ask.model] else {
            return refusal(400, "model_not_found", "A model with id \(ask.model) does not exist.")
        }
        let isThird = ask.model.hasPrefix("eleven_v3")
        if isThird, ask.fields["previous_text"] != nil || ask.fields["next_text"] != nil {
            return refusal(
                400, "unsupported_model",
                "Providing previous_text or next_text is not yet supported with the '\(ask.model)' model.")
        }
        if ask.model.hasPrefix("eleven_multilingual"), ask.fields["language_code"] != nil {
            return refusal(400, "unsupported_language", "Model '\(ask.model)' does not support language_code.")
        }
        guard ask.characters <= model.limit else {
            return refusal(
                400, "max_character_limit_exceeded",
                "This request's text has \(ask.characters) characters and exceeds the character limit of \(model.limit)."
            )
        }
        guard let person = account.voices[voice] else {
            return refusal(404, "voice_not_found", "A voice with the voice_id \(voice) was not found.")
        }
        let credits = Int((Double(ask.characters) * model.multiplier).rounded(.up))
        let hasCredit = state.values.withLock { values in
            guard values.account.creditsUsed + credits <= values.account.creditLimit else { return false }
            values.account.creditsUsed += credits
            return true
        }
        guard hasCredit else {
            let left = account.creditLimit - account.creditsUsed
            return refusal(
                401, "quota_exceeded",
                "This request exceeds your quota of \(account.creditLimit). You have \(left) credits remaining, while"
                    + " \(credits) credits are required for this request.", headers: headers)
        }
        do {
            let take: PeerVoice.Take
            let sound: [UInt8]
            if account.hums {
                (take, sound) = try await PeerHum.hum(ask.text)
            } else {
                take = try await PeerVoice.speak(ask.text, by: person, language: ask.language ?? "en")
                sound = try await PeerVoice.encoded(take.sound, ask.encoding)
            }
            state.values.withLock { $0.work.append(Work(request: ask.fields, take: take, credits: credits)) }
            var headers = headers
            if account.tellsCost { headers.add(name: "character-cost", value: "\(credits)") }
            let times = account.tellsTimes ? SpokenCharacters(take).json : "null"
            return .json(
                #"{"audio_base64":"\#(Data(sound).base64EncodedString())","alignment":\#(times),"#
                    + #""normalized_alignment":\#(times)}"#, headers: headers)
        } catch {
            return refusal(500, "internal_server_error", "\(error)")
        }
    }
}
