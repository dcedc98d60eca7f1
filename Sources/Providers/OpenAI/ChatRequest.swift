import FoundationEssentials

/// One message of a conversation with a model.
struct ChatMessage: Sendable, Equatable, Codable {
    enum Role: String, Sendable, Codable { case developer, system, user, assistant }

    let role: Role
    let content: String

    init(_ role: Role, _ content: String) { (self.role, self.content) = (role, content) }
}

/// What is posted to `/chat/completions`.
struct ChatRequest: Sendable {
    let model: ChatModel
    let messages: [ChatMessage]
    let schema: JSONValue
    let schemaName: String
    /// Of the whole answer, thinking included.
    let tokenLimit: Int

    /// The same bytes for the same request, in whichever process: a kept answer is found by them.
    func body(for server: ChatServer) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var body: [String: JSONValue] = [
            "model": .string(model.name),
            "messages": .array(
                messages.map { .object(["role": .string($0.role.rawValue), "content": .string($0.content)]) }),
            server.tokenLimit.rawValue: .integer(tokenLimit),
            "response_format": format(server.answerShape),
        ]
        if let effort = model.reasoningEffort { body["reasoning_effort"] = .string(effort) }
        if let tier = server.tier { body["service_tier"] = .string(tier) }
        if let temperature = model.temperature { body["temperature"] = .number(temperature) }
        return Array(try encoder.encode(body))
    }

    private func format(_ shape: ChatServer.AnswerShape) -> JSONValue {
        let nested: JSONValue = .object(["name": .string(schemaName), "schema": schema, "strict": .boolean(true)])
        var format: [String: JSONValue] = ["type": .string("json_schema"), "json_schema": nested]
        switch shape {
        case .schema: break
        case .schemaTwice: format["schema"] = schema
        case .object: format = ["type": .string("json_object")]
        }
        return .object(format)
    }
}
