import CFliteVoices
import Production
import Speech

@testable import OfflineVoice

/// Somebody who reads a text aloud, and knows when each word is heard.
struct Reader: Sendable, CustomStringConvertible {
    enum Engine: Sendable {
        case flite(Flite)
        case espeak(String)
    }

    let description: String
    let engine: Engine
    var speed = 1.0
    /// Seconds of silence after each sentence.
    var rest = 0.3

    /// A woman from the United States: the voice of `OfflineVoice`.
    static let slt = Reader(description: "slt", engine: .flite(Flite()))
    /// A man from the United States.
    static let rms = Reader(
        description: "rms", engine: .flite(Flite(voice: "cmu_us_rms", register: { register_cmu_us_rms(nil) })))
    /// A man from Scotland.
    static let awb = Reader(
        description: "awb", engine: .flite(Flite(voice: "cmu_us_awb", register: { register_cmu_us_awb(nil) })))

    /// - Parameter voice: the identifier of one: `gmw/de`.
    static func espeak(_ voice: String) -> Reader { Reader(description: voice, engine: .espeak(voice)) }

    func at(speed: Double) -> Reader {
        var copy = self
        copy.speed = speed
        return copy
    }

    func resting(_ seconds: Double) -> Reader {
        var copy = self
        copy.rest = seconds
        return copy
    }

    func read(_ text: String, language: String) async throws -> Reading {
        let tokens = spokenTokens(of: text)
        let words = Pronunciation(language: language, letters: language == "en" ? .ascii : .latin).words(for: tokens)
        var reading = Reading()
        let espeak = Espeak()
        for range in SentenceBreaks(language: language).sentences(in: tokens) {
            let utterance: Utterance
            switch engine {
            case .flite(let flite): utterance = try await flite.speak(Array(words[range]), speed: speed)
            case .espeak(let name):
                let voice = EspeakVoice(name: name, identifier: name, languages: [:])
                utterance = try await espeak.speak(Array(words[range]), voice: voice, speed: speed)
            }
            reading.append(utterance.trimmed(margin: 0.01), rest: rest)
        }
        return reading
    }
}
