import Foundation
import OfflineVoice
import Production
import Speech
import Testing

/// A storyboard spoken into a temporary file, and what came out. The file is gone afterwards.
struct Recording {
    let storyboard: Storyboard
    let narration: Narration
    let sound: Sound

    init(_ scenes: [String], language: String, voice: String? = nil) async throws {
        storyboard = .fixture(scenes, language: language)
        let file = URL.temporary()
        defer { try? FileManager.default.removeItem(at: file) }
        narration = try await OfflineVoice().speak(storyboard, voice: voice, to: file)
        sound = try Sound(wav: file.path)
    }

    /// Words a minute from the beginning to the end.
    var pace: Double { Double(narration.words.count) / narration.duration * 60 }

    /// Words a minute of the scenes alone.
    var scenePace: Double {
        Double(narration.words.count) / narration.scenes.reduce(0) { $0 + $1.end - $1.start } * 60
    }

    /// Root mean square between two times, of full scale.
    func loudness(_ start: Double, _ end: Double) -> Double {
        let range = Int(start * 48_000)..<min(Int(end * 48_000), sound.samples.count)
        guard !range.isEmpty else { return 0 }
        // A plain loop over memory: tests are not optimised, and this is most of their work.
        let energy = sound.samples.withUnsafeBufferPointer { samples in
            var energy = 0
            var index = range.lowerBound
            while index < range.upperBound {
                energy &+= Int(samples[index]) &* Int(samples[index])
                index &+= 1
            }
            return energy
        }
        return (Double(energy) / Double(range.count)).squareRoot() / 32_768
    }

    /// Runs of at least 0.35 s in which no 10 ms are louder than -50 dB, in seconds.
    func silences() -> [(start: Double, length: Double)] {
        var silences: [(start: Double, length: Double)] = []
        var start: Double?
        let frames = Int(narration.duration * 100)
        for frame in 0...frames {
            let time = Double(frame) / 100
            if frame < frames, loudness(time, time + 0.01) < 0.00316 {
                start = start ?? time
            } else if let begun = start {
                if time - begun >= 0.35 { silences.append((begun, time - begun)) }
                start = nil
            }
        }
        return silences
    }

    /// What holds for every narration.
    func expectSound(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
        func expect(_ holds: Bool, _ what: Comment) {
            #expect(holds, "\(what) \(comment.map { "\($0)" } ?? "")", sourceLocation: sourceLocation)
        }
        let words = narration.words
        let tokens = storyboard.scenes.enumerated().flatMap { index, scene in
            spokenTokens(of: scene.narration).map { (String($0), index) }
        }
        expect(
            words.map(\.text) == tokens.map(\.0) && words.map(\.scene) == tokens.map(\.1), "every token, once, in order"
        )
        expect(words.allSatisfy { $0.start < $0.end }, "no empty word")
        expect(zip(words, words.dropFirst()).allSatisfy { $0.end <= $1.start }, "no overlap")
        expect(narration.scenes.count == storyboard.scenes.count, "a span for each scene")
        for word in words {
            let scene = narration.scenes[word.scene]
            expect(word.start >= scene.start && word.end <= scene.end, "\(word) lies in \(scene)")
        }
        expect(sound.sampleRate == 48_000, "48 kHz")
        expect(abs(sound.duration - narration.duration) < 0.000_1, "the stated length is the file's")
        expect(
            (words.first?.start ?? 0) <= 0.1 && (words.last?.end ?? 0) <= narration.duration, "words within the sound")
        expect(sound.peak < 32_000, "no clipping: \(sound.peak)")
        for (before, after) in zip(narration.scenes, narration.scenes.dropFirst()) {
            expect((0.4...0.8).contains(after.start - before.end), "a pause of \(after.start - before.end) s")
        }
    }
}

extension Storyboard {
    static func fixture(_ scenes: [String], language: String) -> Storyboard {
        Storyboard(
            title: "A title", description: "", tags: [], language: language,
            source: Source(key: "k", title: "A title", link: nil, author: nil),
            scenes: scenes.enumerated().map { index, text in
                Scene(
                    kind: index == 0 ? .opening : index == scenes.count - 1 ? .closing : .body, narration: text,
                    heading: "", picture: PictureBrief(about: ""))
            })
    }
}

extension URL {
    static func temporary() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "narration-\(UUID().uuidString).wav")
    }
}
