import Foundation
package import NIOHTTP1
import Synchronization

/// OpenAI's chat on a loopback port: strict about what it is asked, billing what it answers. It really writes a script, by
/// extraction from the article of the prompt.
package final class OpenAIPeer: Sendable {
    /// A model on offer, and its prices in micro-dollars per million tokens.
    package struct Model: Sendable {
        package let name: String
        package let input: Int64
        package let cached: Int64
        package let output: Int64
        /// A reasoning model refuses `max_tokens` and `temperature`, and bills its thoughts as output.
        package let reasons: Bool

        package init(_ name: String, input: Int64, cached: Int64, output: Int64, reasons: Bool = false) {
            (self.name, self.input, self.cached) = (name, input, cached)
            (self.output, self.reasons) = (output, reasons)
        }
    }

    /// Whose dialect it speaks.
    package enum Dialect: Sendable { case openAI, ollama, llamaCpp }

    /// What the model answers instead of a script of its own.
    package enum Answer: Sendable {
        case text(String)
        /// Its own script, with this done to it.
        case changed(@Sendable (inout PeerScript) -> Void)
        case refusal(String)
        case truncated
        case filtered
    }

    /// What it has answered and billed.
    package struct Bill: Sendable, Equatable {
        /// Completions, those whose answers were lost among them.
        package var calls = 0
        package var promptTokens: Int64 = 0
        package var cachedTokens: Int64 = 0
        package var completionTokens: Int64 = 0
        /// Micro-dollars, each of a call's three amounts rounded up.
        package var amount: Int64 = 0
    }

    private struct State {
        var bill = Bill()
        var answers: [Answer] = []
        var prompts: [[String]] = []
        var tellsUsage = true
        var tier = "default"
    }

    private let key: String?
    private let models: [Model]
    private let dialect: Dialect
    private let manner: (@Sendable (inout PeerScript, _ turn: Int) -> Void)?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - key: nil for a server that wants none.
    ///   - manner: what is done to every script of its own, by how often it was sent back.
    package init(
        key: String?, models: [Model], dialect: Dialect = .openAI,
        manner: (@Sendable (inout PeerScript, _ turn: Int) -> Void)? = nil
    ) {
        (self.key, self.models, self.dialect, self.manner) = (key, models, dialect, manner)
    }

    package var bill: Bill { state.withLock { $0.bill } }

    /// Has the next completions answer this, in order.
    package func answer(_ answers: Answer...) { state.withLock { $0.answers += answers } }

    package func tellUsage(_ tells: Bool) { state.withLock { $0.tellsUsage = tells } }

    /// Has answers say that they were served by this tier.
    package func serve(tier: String) { state.withLock { $0.tier = tier } }

    // MARK: Requests

    /// Answers a request, as `PeerServer` hands it over.
    package func handle(_ request: PeerRequest) -> PeerReply {
        if let key, request.headers["Authorization"] != ["Bearer \(key)"] {
            return Self.error(
                401, "Incorrect API key provided: \(request.headers.first(name: "Authorization")?.suffix(8) ?? "").",
                "invalid_request_error", code: "invalid_api_key")
        }
        switch (request.method, request.path) {
        case (.GET, "/v1/models"): return list()
        case (.POST, "/v1/chat/completions"):
            do { return try complete(request) } catch let refusal as Refusal { return refusal.reply } catch {
                return Self.error(500, "\(error)", "server_error")
            }
        case (_, "/v1/models"), (_, "/v1/chat/completions"):
            return Self.error(405, "Not allowed to \(request.method)", "invalid_request_error")
        default:
            return Self.error(404, "Invalid URL (\(request.method) \(request.path))", "invalid_request_error")
        }
    }

    package static func error(
        _ status: Int, _ message: String, _ type: String, code: String? = nil, param: String? = nil,
        headers: HTTPHeaders = [:]
    ) -> PeerReply {
        let body: [String: Any] = [
            "error": [
                "message": message, "type": type, "code": code as Any? ?? NSNull(), "param": param as Any? ?? NSNull(),
            ]
        ]
        var headers = headers
        headers.add(name: "x-request-id", value: "req_peer")
        return .json(text(body), status: status, headers: headers)
    }

    private func list() -> PeerReply {
        let data: [[String: Any]] = models.map {
            ["id": $0.name, "object": "model", "created": 1_790_000_000, "owned_by": "peer"]
        }
        return .json(Self.text(["object": "list", "data": data]))
    }

    private struct Refusal: Error {
        let reply: PeerReply

        init(_ message: String, param: String?, code: String? = nil, status: Int = 400) {
            reply = OpenAIPeer.error(status, message, "invalid_request_error", code: code, param: param)
        }
    }

    private func complete(_ request: PeerRequest) throws -> PeerReply {
        guard request.headers.first(name: "Content-Type")?.hasPrefix("application/json") == true else {
            throw Refusal("Unsupported content type", param: nil)
        }
        guard let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any] else {
            throw Refusal("We could not parse the JSON body of your request.", param: nil)
        }
        let model = try check(body)
        let messages = try messages(body)
        let limit = (body["max_completion_tokens"] ?? body["max_tokens"]) as? Int ?? 4_096
        // Real lengths: four bytes a token, as English has them on average.
        let prompt = messages.map(\.content)
        let promptTokens = Self.tokens(prompt.joined()) + Int64(messages.count * 4)
        let (answer, cached) = state.withLock { state in
            let common = state.prompts.map { Self.tokens(Self.common($0, prompt)) }.max() ?? 0
            state.prompts.append(prompt)
            // Caches forget; and a month of prompts is not compared with each.
            if state.prompts.count > 64 { state.prompts.removeFirst() }
            return (
                state.answers.isEmpty ? nil : state.answers.removeFirst(), common >= 1_024 ? common / 128 * 128 : 0
            )
        }
        var (content, refusal, reason): (String?, String?, String) = (nil, nil, "stop")
        switch answer {
        case nil:
            var script = PeerScript(messages.map { ($0.role, $0.content) })
            manner?(&script, messages.count { $0.role == "assistant" })
            content = script.json
        case .changed(let change):
            var script = PeerScript(messages.map { ($0.role, $0.content) })
            change(&script)
            content = script.json
        case .text(let text): content = text
        case .refusal(let words): refusal = words
        case .truncated: (content, reason) = ("{\"description\": \"It bro", "length")
        case .filtered: (content, reason) = ("", "content_filter")
        }
        let thought: Int64 = model.reasons ? 64 : 0
        var written = Self.tokens(content ?? refusal ?? "") + thought
        if written > limit {
            (content, written, reason) = (content.map { String($0.prefix(limit)) }, Int64(limit), "length")
        }
        if reason == "length" { written = Int64(limit) }
        let tier = bill(model, prompt: promptTokens, cached: min(cached, promptTokens), written: written)
        return reply(
            model, content, refusal, reason, tier: tier,
            usage: [
                "prompt_tokens": promptTokens, "completion_tokens": written, "total_tokens": promptTokens + written,
                "prompt_tokens_details": ["cached_tokens": min(cached, promptTokens), "audio_tokens": 0],
                "completion_tokens_details": ["reasoning_tokens": thought, "audio_tokens": 0],
            ])
    }

    private func bill(_ model: Model, prompt: Int64, cached: Int64, written: Int64) -> String {
        func amount(_ tokens: Int64, _ price: Int64) -> Int64 { (tokens * price + 999_999) / 1_000_000 }
        return state.withLock { state in
            state.bill.calls += 1
            state.bill.promptTokens += prompt
            state.bill.cachedTokens += cached
            state.bill.completionTokens += written
            state.bill.amount +=
                amount(prompt - cached, model.input) + amount(cached, model.cached) + amount(written, model.output)
            return state.tier
        }
    }

    private func reply(
        _ model: Model, _ content: String?, _ refusal: String?, _ reason: String, tier: String, usage: [String: Any]
    ) -> PeerReply {
        let message: [String: Any] = [
            "role": "assistant", "content": content as Any? ?? NSNull(), "refusal": refusal as Any? ?? NSNull(),
        ]
        var body: [String: Any] = [
            "id": "chatcmpl-peer", "object": "chat.completion", "created": 1_790_000_000, "model": model.name,
            "choices": [["index": 0, "message": message, "finish_reason": reason, "logprobs": NSNull()]],
        ]
        if dialect == .openAI { body["service_tier"] = tier }
        if dialect == .llamaCpp { body["timings"] = ["predicted_ms": 12.5] }
        if state.withLock({ $0.tellsUsage }) { body["usage"] = usage }
        return .json(Self.text(body), headers: ["x-request-id": "req_peer", "openai-processing-ms": "3"])
    }

    // MARK: Strictness

    private func check(_ body: [String: Any]) throws -> Model {
        let known: Set<String> =
            switch dialect {
            case .openAI:
                [
                    "model", "messages", "response_format", "max_completion_tokens", "max_tokens", "temperature",
                    "top_p",
                    "stop", "reasoning_effort", "verbosity", "n", "seed", "store", "metadata", "safety_identifier",
                    "prompt_cache_key", "service_tier", "stream", "stream_options",
                ]
            case .ollama, .llamaCpp:
                [
                    "model", "messages", "response_format", "max_tokens", "temperature", "top_p", "stop", "seed",
                    "stream",
                    "stream_options", "frequency_penalty", "presence_penalty", "tools",
                ]
            }
        if let stranger = body.keys.sorted().first(where: { !known.contains($0) }) {
            throw Refusal("Unrecognized request argument supplied: \(stranger)", param: stranger)
        }
        guard let name = body["model"] as? String else {
            throw Refusal("you must provide a model parameter", param: "model")
        }
        guard let model = models.first(where: { $0.name == name }) else {
            throw Refusal(
                "The model `\(name)` does not exist or you do not have access to it.", param: nil,
                code: "model_not_found", status: 404)
        }
        for field in ["max_tokens", "max_completion_tokens"] {
            guard let value = body[field] else { continue }
            guard let number = value as? Int, number >= 1 else { throw Refusal("\(field) is too small", param: field) }
            if field == "max_tokens", dialect == .openAI, model.reasons {
                throw Refusal(
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                    param: field, code: "unsupported_parameter")
            }
        }
        if let temperature = body["temperature"] {
            guard let value = temperature as? Double, (0...2).contains(value), !model.reasons else {
                throw Refusal("Unsupported value: 'temperature'", param: "temperature", code: "unsupported_value")
            }
        }
        if let effort = body["reasoning_effort"] {
            guard let value = effort as? String, model.reasons,
                ["none", "minimal", "low", "medium", "high", "xhigh", "max"].contains(value)
            else { throw Refusal("Unsupported value: 'reasoning_effort'", param: "reasoning_effort") }
        }
        if let tier = body["service_tier"] {
            guard let value = tier as? String,
                ["auto", "default", "flex", "scale", "priority", "fast"].contains(value)
            else { throw Refusal("Invalid service_tier argument", param: "service_tier") }
        }
        if let format = body["response_format"] { try check(format: format, body) }
        return model
    }

    private func messages(_ body: [String: Any]) throws -> [(role: String, content: String)] {
        guard let messages = body["messages"] as? [[String: Any]], !messages.isEmpty else {
            throw Refusal("[] is too short - 'messages'", param: "messages")
        }
        return try messages.enumerated().map { place, message in
            guard let role = message["role"] as? String,
                ["developer", "system", "user", "assistant", "tool"].contains(role),
                dialect == .openAI || role != "developer"
            else { throw Refusal("Invalid value for 'role'", param: "messages[\(place)].role") }
            guard let content = message["content"] as? String else {
                throw Refusal("Invalid type for 'content'", param: "messages[\(place)].content")
            }
            return (role, content)
        }
    }

    private func check(format: Any, _ body: [String: Any]) throws {
        guard let format = format as? [String: Any], let type = format["type"] as? String else {
            throw Refusal("Missing required parameter: 'response_format.type'.", param: "response_format.type")
        }
        switch type {
        case "text": return
        case "json_object":
            let said = (body["messages"] as? [[String: Any]] ?? []).compactMap { $0["content"] as? String }
            guard said.contains(where: { $0.lowercased().contains("json") }) else {
                throw Refusal(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                    param: "messages")
            }
        case "json_schema" where dialect == .llamaCpp:
            // Builds of early 2025 read the schema beside the type, and nothing else.
            guard format["schema"] is [String: Any] else {
                throw Refusal("\"json_schema\": no schema", param: nil)
            }
        case "json_schema":
            guard let nested = format["json_schema"] as? [String: Any], let name = nested["name"] as? String,
                (1...64).contains(name.count),
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
            else {
                throw Refusal("Missing 'response_format.json_schema.name'", param: "response_format.json_schema.name")
            }
            guard let schema = nested["schema"] as? [String: Any] else {
                throw Refusal("Missing 'schema'", param: "response_format.json_schema.schema")
            }
            if format.count > 2 { throw Refusal("Unknown parameter in 'response_format'", param: "response_format") }
            if nested["strict"] as? Bool == true { try StrictSchema.check(schema, at: []) }
        default: throw Refusal("Invalid value: '\(type)'", param: "response_format.type")
        }
    }

    /// The subset of JSON Schema that strict output takes.
    private enum StrictSchema {
        private static let keywords: Set<String> = [
            "type", "description", "title", "properties", "required", "additionalProperties", "items", "enum", "const",
            "anyOf", "$ref", "$defs",
        ]

        static func check(_ schema: [String: Any], at path: [String]) throws {
            func wrong(_ words: String) -> Refusal {
                Refusal(
                    "Invalid schema for response_format: In context=(\(path.joined(separator: ", "))), \(words).",
                    param: "response_format", code: "invalid_json_schema")
            }
            if let stranger = schema.keys.first(where: { !keywords.contains($0) }) {
                throw wrong("'\(stranger)' is not permitted")
            }
            if schema["type"] as? String == "object" {
                guard let properties = schema["properties"] as? [String: [String: Any]] else {
                    throw wrong("'properties' is required")
                }
                guard schema["additionalProperties"] as? Bool == false else {
                    throw wrong("'additionalProperties' is required to be supplied and to be false")
                }
                guard Set(schema["required"] as? [String] ?? []) == Set(properties.keys) else {
                    throw wrong(
                        "'required' is required to be supplied and to be an array including every key in properties")
                }
                for (name, property) in properties { try check(property, at: path + ["properties", name]) }
            }
            if schema["type"] as? String == "array" {
                guard let items = schema["items"] as? [String: Any] else { throw wrong("array schema missing items") }
                try check(items, at: path + ["items"])
            }
        }
    }

    // MARK: Texts

    private static func tokens(_ text: String) -> Int64 { Int64((text.utf8.count + 3) / 4) }

    /// What two prompts begin with in common, message by message.
    private static func common(_ one: [String], _ two: [String]) -> String {
        var text = ""
        for (a, b) in zip(one, two) {
            text += a.commonPrefix(with: b)
            guard a == b else { break }
        }
        return text
    }

    static func text(_ value: [String: Any]) -> String {
        let data =
            (try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes]))
        return String(decoding: data ?? Data("{}".utf8), as: UTF8.self)
    }
}
