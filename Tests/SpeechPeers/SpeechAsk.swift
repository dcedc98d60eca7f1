import Foundation
import NIOHTTP1
import ProviderPeers

/// A request to ElevenLabs to speak, checked as its API definition says.
struct SpeechAsk {
    /// Those that are text.
    let fields: [String: String]
    let text: String
    let model: String
    let language: String?
    let encoding: [String]

    /// As Python counts them.
    var characters: Int { text.unicodeScalars.count }

    struct Problem: Error {
        let place: String
        let message: String
    }

    private static let known: Set<String> = [
        "text", "model_id", "language_code", "voice_settings", "seed", "previous_text", "next_text",
        "previous_request_ids", "next_request_ids", "pronunciation_dictionary_locators", "apply_text_normalization",
        "apply_language_text_normalization", "use_pvc_as_ivc", "audio_effects",
    ]

    static func read(_ request: PeerRequest) -> Result<SpeechAsk, Problem> {
        do { return .success(try SpeechAsk(request)) } catch { return .failure(error) }
    }

    private init(_ request: PeerRequest) throws(Problem) {
        guard request.headers.first(name: "content-type")?.hasPrefix("application/json") == true else {
            throw Problem(place: "body", message: "Input should be a valid dictionary")
        }
        let parsed = try? JSONSerialization.jsonObject(with: Data(request.body))
        guard let object = parsed as? [String: Any] else {
            throw Problem(place: "body", message: "JSON decode error")
        }
        if let field = object.keys.first(where: { !Self.known.contains($0) }) {
            throw Problem(place: field, message: "Extra inputs are not permitted")
        }
        guard let text = object["text"] as? String, !text.isEmpty else {
            throw Problem(place: "text", message: "Field required")
        }
        for field in ["model_id", "language_code", "previous_text", "next_text"] {
            guard object[field] == nil || object[field] is String else {
                throw Problem(place: field, message: "Input should be a valid string")
            }
        }
        for field in ["previous_request_ids", "next_request_ids"] {
            guard object[field] == nil || (object[field] as? [String]).map({ $0.count <= 3 }) == true else {
                throw Problem(place: field, message: "List should have at most 3 strings")
            }
        }
        if let code = object["language_code"] as? String, code.count != 2 {
            throw Problem(place: "language_code", message: "should be ISO 639-1")
        }
        if let settings = object["voice_settings"] {
            guard let settings = settings as? [String: Any] else {
                throw Problem(place: "voice_settings", message: "Input should be a valid dictionary")
            }
            for (name, value) in settings {
                switch (name, value) {
                case ("use_speaker_boost", is Bool): break
                case ("stability", let number as Double), ("similarity_boost", let number as Double),
                    ("style", let number as Double), ("clone_strength", let number as Double):
                    guard (0...1).contains(number) else { throw Problem(place: name, message: "should be 0 to 1") }
                case ("speed", let number as Double):
                    guard (0.7...1.2).contains(number) else {
                        throw Problem(place: name, message: "should be 0.7 to 1.2")
                    }
                default: throw Problem(place: name, message: "Extra inputs are not permitted")
                }
            }
        }
        let query = request.parameters
        if let name = query.keys.first(where: {
            !["output_format", "enable_logging", "optimize_streaming_latency"].contains($0)
        }) {
            throw Problem(place: name, message: "unknown query parameter")
        }
        guard let encoding = Self.encoding(query["output_format"] ?? "mp3_44100_128") else {
            throw Problem(place: "output_format", message: "Input should be a known format")
        }
        self.encoding = encoding
        fields = object.compactMapValues { $0 as? String }
        (self.text, model) = (text, object["model_id"] as? String ?? "eleven_multilingual_v2")
        language = object["language_code"] as? String
    }

    /// ffmpeg's arguments for a format.
    private static func encoding(_ format: String) -> [String]? {
        let parts = format.split(separator: "_").map(String.init)
        guard parts.count >= 2, let rate = Int(parts[1]) else { return nil }
        switch (parts[0], parts.count) {
        case ("mp3", 3)
        where ["22050_32", "24000_48", "44100_32", "44100_64", "44100_96", "44100_128", "44100_192"].contains(
            "\(parts[1])_\(parts[2])"):
            return ["-ar", "\(rate)", "-c:a", "libmp3lame", "-b:a", "\(parts[2])k", "-f", "mp3"]
        case ("pcm", 2), ("wav", 2):
            guard [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000].contains(rate) else { return nil }
            return ["-ar", "\(rate)", "-c:a", "pcm_s16le", "-f", parts[0] == "pcm" ? "s16le" : "wav"]
        default: return nil
        }
    }
}
