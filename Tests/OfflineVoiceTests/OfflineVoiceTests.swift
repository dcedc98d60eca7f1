import Foundation
import OfflineVoice
import Production
import Speech
import Testing

@Suite struct `An offline narration` {
    @Test(arguments: [
        ("en", Texts.english), ("de", Texts.german), ("fr", Texts.french), ("es", Texts.spanish),
        ("en-GB", Array(Texts.english.prefix(2))),
    ])
    func `is spoken at the pace of a person explaining something`(language: String, scenes: [String]) async throws {
        let recording = try await Recording(scenes, language: language)
        recording.expectSound()
        #expect((140...165).contains(recording.pace), "\(recording.pace)")
        #expect((140...165).contains(recording.scenePace), "\(recording.scenePace)")
    }

    @Test(arguments: [("en", Texts.english), ("de", Texts.german)])
    func `rests between scenes, which can be heard`(language: String, scenes: [String]) async throws {
        let recording = try await Recording(scenes, language: language)
        let narration = recording.narration
        let silences = recording.silences()
        for (before, after) in zip(narration.scenes, narration.scenes.dropFirst()) {
            let middle = (before.end + after.start) / 2
            let silence = try #require(silences.first { $0.start < middle && middle < $0.start + $0.length })
            #expect((0.4...0.8).contains(silence.length), "\(silence)")
        }
        // And nowhere else for as long, nor at the beginning.
        #expect(silences.filter { $0.start + $0.length < narration.duration - 0.02 }.count == scenes.count - 1)
        #expect(recording.loudness(0.05, 0.3) > 0.003)
    }

    @Test(arguments: [("en", Texts.english), ("de", Texts.german), ("fr", Texts.french), ("es", Texts.spanish)])
    func `has a sound under every word`(language: String, scenes: [String]) async throws {
        let recording = try await Recording(scenes, language: language)
        for word in recording.narration.words where word.text.contains(where: { $0.isLetter || $0.isNumber }) {
            #expect(recording.loudness(word.start, word.end) > 0.003, "\(word)")
            #expect(word.end - word.start > 0.02, "\(word)")
        }
    }

    @Test(arguments: [("en", Texts.english), ("de", Texts.german)])
    func `is joined without clicks`(language: String, scenes: [String]) async throws {
        let samples = try await Recording(scenes, language: language).sound.samples
        // Where digital silence of at least a millisecond meets sound, the sound begins and ends softly.
        var zeros = 48
        var clicks: [Int] = []
        for (index, sample) in samples.enumerated() {
            if sample == 0 {
                zeros += 1
                if zeros == 48, index >= 48, abs(Int(samples[index - 48])) > 200 { clicks.append(index - 48) }
            } else {
                if zeros >= 48, abs(Int(sample)) > 200 { clicks.append(index) }
                zeros = 0
            }
        }
        #expect(clicks == [])
    }

    @Test(arguments: ["en", "de", "fr", "ru", "ja", "ar"])
    func `has every token of nasty texts`(language: String) async throws {
        let recording = try await Recording(Texts.nasty, language: language)
        recording.expectSound("\(language)")
        for (text, scene) in zip(Texts.nasty, recording.narration.scenes) {
            #expect(scene.end - scene.start < 100, "\(language): \(scene.end - scene.start) s for \(text)")
        }
    }

    @Test func `can be spoken in a script without blanks`() async throws {
        let recording = try await Recording(["你好,世界。今天天气很好。我们去公园散步吧。", "再见。"], language: "zh")
        recording.expectSound()
        #expect(recording.narration.duration > 3)
    }

    @Test func `is whole for random texts`() async throws {
        var random = SplitMix(state: 3)
        let pool = (Texts.nasty + Texts.english + Texts.german).flatMap { $0.split(separator: " ") }
        for round in 0..<12 {
            let scenes = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 1...30, using: &random)).compactMap { _ in pool.randomElement(using: &random) }
                    .joined(separator: " ")
            }
            try await Recording(scenes, language: round.isMultiple(of: 2) ? "en" : "de").expectSound("\(scenes)")
        }
    }

    @Test func `says which voice spoke, and speaks with it again by that name`() async throws {
        let german = try await Recording(["Guten Tag."], language: "de")
        #expect(german.narration.voice == "gmw/de")
        #expect(try await Recording(["Good day."], language: "en").narration.voice == "cmu_us_slt")
        #expect(try await Recording(["Hi."], language: "en", voice: "gmw/de").narration.voice == "gmw/de")
        #expect(try await Recording(["Hi."], language: "en", voice: "german").narration.voice == "gmw/de")
        #expect(try await Recording(["Tag."], language: "de", voice: "cmu_us_slt").narration.voice == "cmu_us_slt")
    }

    @Test func `is refused for good in a language that nobody speaks`() async throws {
        let failure = await #expect(throws: StageFailure.self) { try await Recording(["Hello."], language: "xx") }
        #expect(failure?.kind == .permanent)
        #expect(failure?.description.contains("“xx”") == true)
        #expect(failure?.description.contains("en, de, fr") == true)
    }

    @Test func `is refused for good with a voice that nobody has`() async throws {
        let failure = await #expect(throws: StageFailure.self) {
            try await Recording(["Hello."], language: "de", voice: "Caruso")
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.description.contains("“Caruso”") == true)
        #expect(failure?.description.contains("gmw/de (German)") == true)
    }

    @Test func `is refused for good when a scene says nothing`() async throws {
        let failure = await #expect(throws: StageFailure.self) {
            try await Recording(["Hello.", " \n ", "Bye."], language: "en")
        }
        #expect(failure?.kind == .permanent)
        #expect(failure?.description.contains("scene 2 of 3") == true)
        let none = await #expect(throws: StageFailure.self) { try await Recording([], language: "en") }
        #expect(none?.kind == .permanent)
    }

    @Test func `may be tried again when its file cannot be written`() async throws {
        let failure = await #expect(throws: StageFailure.self) {
            try await OfflineVoice().speak(
                .fixture(["Hello."], language: "en"), voice: nil, to: URL(filePath: "/nonexistent/narration.wav"))
        }
        #expect(failure?.kind == .transient())
        #expect(failure?.description.contains("/nonexistent/narration.wav") == true)
    }

    @Test(arguments: ["en", "de"]) func `of six thousand words stops soon after it is cancelled`(language: String)
        async throws
    {
        let scene = (0..<60).map { _ in "The hundred words of this scene go on and on, as they do." }.joined(
            separator: " ")
        let storyboard = Storyboard.fixture([String](repeating: scene, count: 8), language: language)
        let file = URL.temporary()
        let task = Task { try await OfflineVoice().speak(storyboard, voice: nil, to: file) }
        task.cancel()
        let failure = await #expect(throws: StageFailure.self) { try await task.value }
        #expect(failure?.answer.contains("cancelled") == true)
        #expect(!FileManager.default.fileExists(atPath: file.path))
    }

    @Test func `does not disturb another one`() async throws {
        async let one = Recording(Texts.english, language: "en")
        async let two = Recording(Texts.german, language: "de")
        async let three = Recording(Texts.french, language: "fr")
        for recording in try await [one, two, three] {
            recording.expectSound()
            #expect((140...165).contains(recording.pace))
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
