import FoundationEssentials
import HTTP
import NIOHTTP1
import Production

/// `POST /v1/text-to-speech/{voice_id}/with-timestamps` for one passage.
///
/// What lies around it is told as text and never by the ids of earlier answers: those are drawn anew at each try and expire
/// after two hours, so that a retry could neither find what was paid for nor go on where it stopped.
struct ElevenLabsRequest: Sendable {
    let call: HTTPCall
    /// What the answer depends on: the whole request but for the key.
    let body: [UInt8]

    private struct Body: Encodable {
        let text: String
        let modelId: String
        let languageCode: String?
        let previousText: String?
        let nextText: String?
        let voiceSettings: ElevenLabsSettings.Manner?
    }

    /// Of the call itself: two minutes of sound are made in a quarter of that.
    private static let timeout: Duration = .seconds(150)
    /// With the wait for its turn.
    static let timeLimit: Duration = .seconds(240)

    init(_ passage: Passage, voice: String, language: String, _ settings: ElevenLabsSettings) throws {
        let encoder = JSONEncoder()
        // Equal requests must be equal bytes.
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(
            Body(
                text: passage.text, modelId: settings.model,
                languageCode: Self.languageCode(language, for: settings.model),
                previousText: passage.before.isEmpty ? nil : passage.before,
                nextText: passage.after.isEmpty ? nil : passage.after,
                voiceSettings: settings.manner == .init() ? nil : settings.manner))
        let path = "/v1/text-to-speech/\(voice.urlSegment)/with-timestamps?output_format=\(settings.format.name)"
        call = HTTPCall(
            .POST, settings.base + path,
            headers: ["xi-api-key": settings.key.value, "Content-Type": "application/json"], body: .bytes(Array(json)),
            headTimeout: .seconds(120), timeout: Self.timeout, answerLimit: 64 << 20)
        body = Array("POST \(path)\n".utf8) + json
    }

    /// ISO 639-1; nil for the models that don't take one.
    private static func languageCode(_ language: String, for model: String) -> String? {
        let code = language.lowercased().prefix { $0 != "-" && $0 != "_" }
        let isFixed = model.hasPrefix("eleven_multilingual") || model.hasPrefix("eleven_monolingual")
        return isFixed || code.count != 2 ? nil : String(code)
    }
}

extension String {
    /// One segment of a URL's path, whatever is in it.
    var urlSegment: String {
        utf8.reduce(into: "") { text, byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            if isPlain || "-._~".unicodeScalars.contains(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
