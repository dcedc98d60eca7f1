import Foundation
import OfflineVoice
import Production
package import Speech

/// What a peer speaks with: the offline voice, as somebody else's, whose words' times are known.
package struct PeerVoice: Sendable {
    /// What was said, and when each of its words is heard.
    package struct Take: Sendable {
        package let text: String
        /// Seconds from the sound's beginning, one for each token.
        package let words: [Range<Double>]
        package let sound: Sound
    }

    /// Somebody who speaks.
    package struct Person: Sendable {
        /// One of the offline voice's; nil for the best for the language.
        package var voice: String?
        /// Of the size of the mouth that speaks: below 1 the voice is deeper, and slower, than the one it comes from.
        package var pitch: Double

        package init(voice: String? = nil, pitch: Double = 1) { (self.voice, self.pitch) = (voice, pitch) }
    }

    /// Seconds of silence that is left around what is said, as real voices leave some.
    package static let lead = 0.18
    package static let tail = 0.31

    /// - Parameter language: BCP 47
    package static func speak(_ text: String, by person: Person, language: String) async throws -> Take {
        let folder = FileManager.default.temporaryDirectory.appending(path: "peer-voice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "take.wav")
        let scene = Storyboard.Scene(kind: .body, narration: text, heading: "", picture: PictureBrief(about: ""))
        let storyboard = Storyboard(
            title: "take", description: "", tags: [], language: language,
            source: Storyboard.Source(key: "", title: "", link: nil, author: nil), scenes: [scene])
        let narration = try await OfflineVoice().speak(storyboard, voice: person.voice, to: file)
        var heard = try Sound(wav: file.path)
        if person.pitch != 1 {
            let slower = Resampler(from: Int(Double(heard.sampleRate) * person.pitch), to: heard.sampleRate)
            heard = Sound(sampleRate: heard.sampleRate, samples: slower.resample(heard.samples))
        }
        let rate = Double(heard.sampleRate)
        let silence = { (seconds: Double) in [Int16](repeating: 0, count: Int(seconds * rate)) }
        return Take(
            text: text,
            words: narration.words.map { ($0.start / person.pitch + lead)..<($0.end / person.pitch + lead) },
            sound: Sound(
                sampleRate: heard.sampleRate, samples: silence(lead) + heard.samples + silence(tail)))
    }

    /// The sound as a server sends it: made on the way out, so that no header tells how long it is.
    ///
    /// - Parameter arguments: ffmpeg's, for what comes out.
    package static func encoded(_ sound: Sound, _ arguments: [String]) async throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "peer-sound-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (from, to) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try sound.samples.withUnsafeBytes { try Data($0).write(to: from) }
        try Data().write(to: to)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["ffmpeg", "-v", "error", "-nostdin", "-f", "s16le", "-ar", "\(sound.sampleRate)", "-ac", "1"]
            + ["-i", from.path] + arguments + ["pipe:1"]
        process.standardOutput = try FileHandle(forWritingTo: to)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw EncodingFailure(arguments: arguments, status: status) }
        return try Array(Data(contentsOf: to))
    }

    package struct EncodingFailure: Error {
        let arguments: [String]
        let status: Int32
    }
}
