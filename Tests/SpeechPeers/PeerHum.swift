import Foundation
import Production
import Speech

/// A voice that only hums: as long as somebody would speak the words, and saying when each would be heard. Its sound is one MP3,
/// made once and cut off at a frame.
enum PeerHum {
    /// Seconds a word, 150 words a minute.
    private static let word = 0.4
    /// Of the sound that is made, seconds: longer than the longest passage.
    private static let longest = 180.0
    private static let rate = 22_050
    /// MPEG-2's layer III
    private static let samplesAFrame = 576

    private static let whole = Task {
        // 220 Hz: a whole number of waves a second.
        let second = (0..<rate).map { Int16(8_000 * sin(Double($0) * 2 * .pi * 220 / Double(rate))) }
        let sound = Sound(
            sampleRate: rate, samples: Array(repeatElement(second, count: Int(longest)).joined()))
        return try await PeerVoice.encoded(
            sound, ["-c:a", "libmp3lame", "-b:a", "32k", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3"])
    }

    static func hum(_ text: String) async throws -> (PeerVoice.Take, [UInt8]) {
        let words = spokenTokens(of: text).indices.map { index -> Range<Double> in
            let start = PeerVoice.lead + Double(index) * word
            return start..<(start + word * 0.9)
        }
        let duration = (words.last?.upperBound ?? 0) + PeerVoice.tail
        // Nobody compares what it hums: of the samples only their number is kept, and few of them.
        let take = PeerVoice.Take(
            text: text, words: words,
            sound: Sound(sampleRate: 100, samples: [Int16](repeating: 0, count: Int(duration * 100))))
        return (take, frames(try await whole.value, seconds: duration))
    }

    /// As many whole frames as last so long.
    private static func frames(_ sound: [UInt8], seconds: Double) -> [UInt8] {
        let count = Int((seconds * Double(rate) / Double(samplesAFrame)).rounded(.up))
        var end = 0
        for _ in 0..<count where end + 4 <= sound.count {
            // 72 × 32,000 bit/s ÷ 22,050 Hz, and one byte more in a padded frame.
            end += 104 + Int(sound[end + 2] >> 1 & 1)
        }
        return Array(sound[..<min(end, sound.count)])
    }
}
