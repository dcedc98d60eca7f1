import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// `POST /audio/speech` for one passage. It knows nothing of what lies around it, and answers with bare sound.
struct OpenAISpeechRequest: Sendable {
    let call: HTTPCall
    /// What the answer depends on: the whole request but for the key. The server belongs to it: others have other voices
    /// under the same names.
    let body: [UInt8]

    private struct Body: Encodable {
        let model: String
        let input: String
        let voice: String
        let responseFormat: String
        let speed: Double?
        let instructions: String?
    }

    /// A server of one's own without a GPU speaks hardly faster than it is heard.
    private static let timeout: Duration = .seconds(240)
    static let timeLimit: Duration = .seconds(255)

    init(_ passage: Passage, voice: String, _ settings: OpenAISpeechSettings) throws {
        let encoder = JSONEncoder()
        // Equal requests must be equal bytes.
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(
            Body(
                model: settings.model, input: passage.text, voice: voice, responseFormat: settings.format.name,
                speed: settings.speed, instructions: settings.model.hasPrefix("tts-1") ? nil : settings.instructions))
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        if let key = settings.key { headers.add(name: "Authorization", value: "Bearer \(key.value)") }
        if let organization = settings.organization { headers.add(name: "OpenAI-Organization", value: organization) }
        if let project = settings.project { headers.add(name: "OpenAI-Project", value: project) }
        let url = "\(settings.base)/audio/speech"
        call = HTTPCall(
            .POST, url, headers: headers, body: .bytes(Array(json)), headTimeout: .seconds(180),
            timeout: Self.timeout, answerLimit: 64 << 20)
        body = Array("POST \(url)\n".utf8) + json
    }
}
