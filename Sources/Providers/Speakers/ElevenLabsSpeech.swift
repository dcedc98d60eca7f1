import FoundationEssentials

/// The answer of `with-timestamps`: the sound, and when each character of the text as it was sent is heard.
struct ElevenLabsSpeech: Decodable {
    let sound: [UInt8]
    /// Nil where the model could not tell.
    let times: CharacterTimes?

    private enum CodingKeys: String, CodingKey {
        case audio = "audio_base64"
        case alignment
    }

    /// - Throws: `DecodingError`, also if there is no sound in it.
    init(json: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(json)) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = try container.decode(String.self, forKey: .audio)
        guard let data = Data(base64Encoded: text), !data.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .audio, in: container, debugDescription: "it is no sound in base64")
        }
        sound = Array(data)
        // Word times can be had otherwise; the sound is what was paid for.
        times = try? container.decodeIfPresent(CharacterTimes.self, forKey: .alignment)
    }
}
