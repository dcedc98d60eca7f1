import Foundation
import Production
import Speech

/// When each character of a take is heard, as ElevenLabs tells it: the first from the sound's very beginning, silence and
/// all; the blank and the mark behind a word until the next one begins.
struct SpokenCharacters {
    private var characters: [String] = []
    private var starts: [Double] = []
    private var ends: [Double] = []

    init(_ take: PeerVoice.Take) {
        let duration = take.sound.duration
        var time = 0.0
        for (index, token) in spokenTokens(of: take.text).enumerated() {
            let word = take.words[index]
            let next = index + 1 < take.words.count ? take.words[index + 1].lowerBound : duration
            if index > 0 { add([" "], from: time, to: word.lowerBound) }
            let scalars = token.unicodeScalars.map(String.init)
            let spoken =
                scalars.lastIndex { $0.contains { $0.isLetter || $0.isNumber } }.map { $0 + 1 } ?? scalars.count
            add(Array(scalars[..<spoken]), from: index == 0 ? 0 : word.lowerBound, to: word.upperBound)
            // A mark has most of the silence behind it.
            let rest = Array(scalars[spoken...])
            time = rest.isEmpty ? word.upperBound : word.upperBound + (next - word.upperBound) * 0.8
            add(rest, from: word.upperBound, to: time)
        }
    }

    private mutating func add(_ part: [String], from start: Double, to end: Double) {
        for (index, character) in part.enumerated() {
            characters.append(character)
            starts.append(rounded(start + (end - start) * Double(index) / Double(part.count)))
            ends.append(rounded(start + (end - start) * Double(index + 1) / Double(part.count)))
        }
    }

    /// Milliseconds, as they come.
    private func rounded(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

    private struct Form: Encodable {
        let characters: [String]
        let characterStartTimesSeconds: [Double]
        let characterEndTimesSeconds: [Double]
    }

    var json: String {
        let form = Form(
            characters: characters, characterStartTimesSeconds: starts, characterEndTimesSeconds: ends)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return (try? encoder.encode(form)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
