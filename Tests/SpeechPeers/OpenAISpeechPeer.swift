import Foundation
package import NIOHTTP1
import Production
package import ProviderPeers
import Synchronization

/// Stands for OpenAI's `/v1/audio/speech`: strict about what it is asked, really speaks, counts what it bills.
package final class OpenAISpeechPeer: Sendable {
    package static let key = "sk-peer-speech-0123456789abcdef"
    package static let models: Set<String> = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15"]
    package static let voices: Set<String> = [
        "alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer", "verse", "marin",
        "cedar",
    ]

    /// One synthesis that was done and billed.
    package struct Work: Sendable {
        package let model: String
        package let voice: String
        package let instructions: String?
        package let take: PeerVoice.Take
        package let characters: Int
    }

    package let server: PeerServer
    private let state: State

    private final class State: Sendable {
        let work = Mutex<[Work]>([])
        let language: String
        let person: PeerVoice.Person

        init(language: String, person: PeerVoice.Person) { (self.language, self.person) = (language, person) }
    }

    private init(server: PeerServer, state: State) { (self.server, self.state) = (server, state) }

    /// - Parameters:
    ///   - language: what it takes all texts for: it is never told.
    ///   - person: behind all of its voices.
    package static func bind(
        port: Int = 0, language: String = "en", by person: PeerVoice.Person = PeerVoice.Person(pitch: 0.9)
    ) async throws -> OpenAISpeechPeer {
        let state = State(language: language, person: person)
        return OpenAISpeechPeer(server: try await PeerServer.bind(port: port) { await answer($0, state) }, state: state)
    }

    /// Serves for as long as `body` runs.
    package static func with<Answer: Sendable>(
        language: String = "en", by person: PeerVoice.Person = PeerVoice.Person(pitch: 0.9),
        _ body: @escaping @Sendable (OpenAISpeechPeer) async throws -> Answer
    ) async throws -> Answer {
        let peer = try await bind(language: language, by: person)
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
    package var work: [Work] { state.work.withLock { $0 } }

    package static func refusal(
        _ status: Int, type: String, code: String?, _ message: String, param: String? = nil, headers: HTTPHeaders = [:]
    ) -> PeerReply {
        let quoted = { (text: String?) in text.map { "\"\($0)\"" } ?? "null" }
        return .json(
            #"{"error":{"message":"\#(message)","type":"\#(type)","param":\#(quoted(param)),"code":\#(quoted(code))}}"#,
            status: status, headers: headers)
    }

    private static func invalid(_ param: String, _ code: String?, _ message: String) -> PeerReply {
        refusal(400, type: "invalid_request_error", code: code, message, param: param)
    }

    private static func answer(_ request: PeerRequest, _ state: State) async -> PeerReply {
        guard request.headers.first(name: "Authorization") == "Bearer \(key)" else {
            return refusal(
                401, type: "invalid_request_error", code: "invalid_api_key", "Incorrect API key provided: sk-peer…")
        }
        guard request.method == .POST, request.path == "/v1/audio/speech", request.query.isEmpty else {
            return refusal(404, type: "invalid_request_error", code: "unknown_url", "Unknown request URL")
        }
        guard request.headers.first(name: "Content-Type")?.hasPrefix("application/json") == true,
            let body = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any]
        else { return invalid("body", nil, "We could not parse the JSON body of your request.") }
        let known = ["model", "input", "voice", "response_format", "speed", "instructions", "stream_format"]
        if let field = body.keys.first(where: { !known.contains($0) }) {
            return invalid(field, "unknown_parameter", "Unknown parameter: '\(field)'.")
        }
        guard let model = body["model"] as? String, models.contains(model) else {
            return refusal(
                404, type: "invalid_request_error", code: "model_not_found", "The model does not exist.", param: "model"
            )
        }
        guard let input = body["input"] as? String, !input.isEmpty else {
            return invalid("input", "missing_required_parameter", "Missing required parameter: 'input'.")
        }
        guard input.count <= 4_096 else {
            return invalid("input", "string_above_max_length", "Invalid 'input': string too long.")
        }
        guard let voice = body["voice"] as? String, voices.contains(voice) else {
            return invalid("voice", "invalid_value", "Invalid value for 'voice'.")
        }
        let instructions = body["instructions"] as? String
        if body["instructions"] != nil, instructions == nil || model.hasPrefix("tts-1") {
            return invalid("instructions", nil, "'instructions' is not supported with this model.")
        }
        let speed = body["speed"] == nil ? 1 : body["speed"] as? Double ?? 0
        guard (0.25...4).contains(speed) else { return invalid("speed", "invalid_value", "'speed' is 0.25 to 4.") }
        if let form = body["stream_format"] as? String, form != "audio" {
            return invalid("stream_format", nil, "only 'audio' is spoken here")
        }
        guard let encoding = encodings[body["response_format"] as? String ?? "mp3"] else {
            return invalid("response_format", "invalid_value", "Invalid value for 'response_format'.")
        }
        do {
            let take = try await PeerVoice.speak(input, by: state.person, language: state.language)
            let tempo = speed == 1 ? [] : ["-filter:a", "atempo=\(max(0.5, speed))"]
            let sound = try await PeerVoice.encoded(take.sound, tempo + encoding.arguments)
            let characters = input.unicodeScalars.count
            state.work.withLock {
                $0.append(
                    Work(model: model, voice: voice, instructions: instructions, take: take, characters: characters))
            }
            return PeerReply(
                headers: ["Content-Type": encoding.type, "x-request-id": "req_\(UUID().uuidString)"], body: sound)
        } catch {
            return refusal(500, type: "server_error", code: nil, "\(error)")
        }
    }

    private static let encodings: [String: (arguments: [String], type: String)] = [
        "mp3": (["-ar", "24000", "-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"], "audio/mpeg"),
        "opus": (["-ar", "24000", "-c:a", "libopus", "-f", "ogg"], "audio/ogg"),
        "aac": (["-ar", "24000", "-c:a", "aac", "-f", "adts"], "audio/aac"),
        "flac": (["-ar", "24000", "-c:a", "flac", "-f", "flac"], "audio/flac"),
        "wav": (["-ar", "24000", "-c:a", "pcm_s16le", "-f", "wav"], "audio/wav"),
        "pcm": (["-ar", "24000", "-c:a", "pcm_s16le", "-f", "s16le"], "audio/pcm"),
    ]
}
