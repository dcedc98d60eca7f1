import Speech
import Testing

/// Each blank-separated token as one word, its last mark as its pause.
func tokens(_ text: String) -> [[SpokenWord]] {
    text.split(separator: " ").map { token in
        guard let pause = token.last.flatMap(SpokenWord.Pause.init) else { return [SpokenWord(String(token))] }
        return [SpokenWord(String(token.dropLast()), pause: pause)]
    }
}

func expectOrdered(_ utterance: Utterance, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation)
{
    let spans = utterance.spans.compactMap { $0 }
    #expect(
        spans.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= utterance.sound.samples.count },
        comment,
        sourceLocation: sourceLocation)
    #expect(
        zip(spans, spans.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, comment,
        sourceLocation: sourceLocation)
}

/// Root mean square, of full scale.
func loudness(_ samples: ArraySlice<Int16>) -> Double {
    guard !samples.isEmpty else { return 0 }
    return (samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)).squareRoot() / 32_768
}

let nasty = "In 1969 , 3.5 and 4,096 isn't Smith's x2 NASA U.S. a1b2c3 very-long end."

@Suite struct `flite` {
    @Test func `gives each token one span that is heard`() async throws {
        let words = tokens(nasty)
        let utterance = try await Flite().speak(words)
        #expect(utterance.sound.sampleRate == 16_000)
        expectOrdered(utterance)
        for (token, span) in zip(words, utterance.spans) where token[0].text != "" {
            let span = try #require(span, "\(token)")
            #expect(loudness(utterance.sound.samples[span]) > 0.01, "\(token)")
        }
        // A comma alone is nothing to say.
        #expect(utterance.spans[2] == nil)
        // “nineteen sixty nine” takes longer than “In”.
        #expect(utterance.spans[1]?.count ?? 0 > (utterance.spans[0]?.count ?? .max) * 3)
    }

    @Test func `joins a token's several words into one span`() async throws {
        let utterance = try await Flite().speak([
            [SpokenWord("one")], [SpokenWord("two"), SpokenWord("three"), SpokenWord("four")], [], [SpokenWord("five")],
        ])
        let spans = utterance.spans
        #expect(spans[2] == nil)
        #expect(try #require(spans[1]).count > 2 * #require(spans[0]).count)
        #expect(try #require(spans[3]).lowerBound >= #require(spans[1]).upperBound)
    }

    @Test func `speaks faster when told to`() async throws {
        let sentence = tokens("The quick brown fox jumps over the lazy dog.")
        let slow = try await Flite().speak(sentence, speed: 0.8).sound.duration
        let fast = try await Flite().speak(sentence, speed: 1.6).sound.duration
        #expect((1.9...2.1).contains(slow / fast))
    }

    @Test func `survives what is no English`() async throws {
        let flite = Flite()
        for word in [
            "\0", "a\0b", "\u{1B}[31m", "Привет", "مرحبا", "🎉", "<speak>", "&amp;", "%n%s", "'", "--", "1e309",
        ] {
            expectOrdered(
                try await flite.speak([[SpokenWord("so")], [SpokenWord(word)], [SpokenWord("on")]]), "\(word)")
        }
        expectOrdered(try await flite.speak([[SpokenWord(String(repeating: "9", count: 50_000))]]))
        expectOrdered(try await flite.speak([[SpokenWord(String(repeating: "xq", count: 50_000))]]))
        #expect(try await flite.speak([]).sound.samples.isEmpty)
        #expect(try await flite.speak([[], [SpokenWord("")]]).spans == [nil, nil])
    }

    @Test func `survives random printable text`() async throws {
        var random = SplitMix(state: 1)
        for _ in 0..<60 {
            let words = (0..<6).map { _ in
                [
                    SpokenWord(
                        String(
                            (0..<Int.random(in: 1...12, using: &random)).map { _ in
                                Character(Unicode.Scalar(UInt8.random(in: 0x21...0x7E, using: &random)))
                            }))
                ]
            }
            expectOrdered(try await Flite().speak(words), "\(words)")
        }
    }
}

@Suite struct `espeak-ng` {
    private func voice(_ language: String) async throws -> EspeakVoice {
        try #require(try await Espeak().voices().best(for: language))
    }

    @Test(arguments: ["en-GB", "de", "de-AT", "fr-FR", "es-MX", "zh-Hans-CN", "pt-BR", "nb-NO", "sr-Latn"])
    func `has a voice for a language however it is written`(language: String) async throws {
        let voice = try await voice(language)
        #expect(voice.languages.keys.contains { language.lowercased().hasPrefix($0) })
    }

    @Test func `prefers the voice of the country`() async throws {
        #expect(try await voice("en-us").identifier == "gmw/en-US")
        #expect(try await voice("pt-br").identifier == "roa/pt-BR")
        #expect(try await voice("de-CH").identifier == "gmw/de")
        #expect(try await Espeak().voices().best(for: "xx-YY") == nil)
        #expect(try await Espeak().voices().best(for: "") == nil)
    }

    @Test func `knows every voice that it lists by its identifier`() async throws {
        let espeak = Espeak()
        let voices = try await espeak.voices()
        #expect(voices.count > 100)
        #expect(Set(voices.map(\.identifier)).count == voices.count)
        for voice in voices {
            await #expect(throws: Never.self, "\(voice.identifier)") {
                _ = try await espeak.speak([[SpokenWord("a")]], voice: voice)
            }
        }
    }

    @Test func `refuses a voice that is not there`() async throws {
        let unknown = EspeakVoice(name: "Nobody", identifier: "gmw/nobody", languages: [:])
        let error = await #expect(throws: SpeechError.self) { try await Espeak().speak(tokens("a"), voice: unknown) }
        #expect(error?.code == .unknownVoice)
    }

    @Test(arguments: [
        (
            "de",
            "Über-cool kostet 4.096 Euro, sagt Dr Smith's Tante 1969 und 3,5 Kinder am 24.12. mit 100% und 5 € dabei."
        ),
        ("fr", "L'année 1969 n'est pas celle d'aujourd'hui, 3,5 millions de gens y étaient où ça s'arrêta."),
        ("es", "¿Qué pasó en 1969? El niño comió 3,5 kilos de piñas, según la señora García."),
        ("en", "In 1969 3.5 and 4,096 isn't Smith's x2 NASA very-long end."), ("ru", "В 1969 году было 3,5 миллиона."),
        ("el", "Το 1969 ήταν μια καλή χρονιά."), ("pl", "W roku 1969 było 3,5 miliona źdźbeł."),
    ])
    func `gives each token one span that is heard`(language: String, text: String) async throws {
        let words = tokens(text)
        let utterance = try await Espeak().speak(words, voice: try await voice(language))
        #expect(utterance.sound.sampleRate == 22_050)
        expectOrdered(utterance)
        for (token, span) in zip(words, utterance.spans) {
            let span = try #require(span, "\(token)")
            #expect(loudness(utterance.sound.samples[span]) > 0.003, "\(token)")
        }
    }

    @Test func `reads markup as text`() async throws {
        let voice = try await voice("de")
        let plain = try await Espeak().speak(tokens("eins zwei"), voice: voice).sound.duration
        let marked = try await Espeak().speak(tokens("eins <break time='9s'/> zwei"), voice: voice).sound.duration
        #expect(marked > plain)
        #expect(marked < 7)
    }

    @Test func `survives hostile text`() async throws {
        let voice = try await voice("de")
        let espeak = Espeak()
        for word in [
            "\0", "a\0b", "\u{1B}[31m", "مرحبا", "🎉", "&#0;", "%n%s", "'", "—", "[[", "\u{202E}x", "e\u{301}\u{301}",
        ] {
            expectOrdered(
                try await espeak.speak([[SpokenWord("so")], [SpokenWord(word)], [SpokenWord("fort")]], voice: voice),
                "\(word)")
        }
        expectOrdered(try await espeak.speak([[SpokenWord(String(repeating: "a", count: 100_000))]], voice: voice))
        #expect(try await espeak.speak([[], [SpokenWord(" ")]], voice: voice).spans == [nil, nil])
    }

    @Test func `speaks one call at a time, however many are made`() async throws {
        let voice = try await voice("de")
        let sentence = tokens("Wer zuletzt lacht, lacht am besten.")
        let alone = try await Espeak().speak(sentence, voice: voice)
        let durations = try await withThrowingTaskGroup { group in
            for _ in 0..<20 { group.addTask { try await Espeak().speak(sentence, voice: voice).sound.duration } }
            return try await group.reduce(into: [Double]()) { $0.append($1) }
        }
        // Two at once would mix their samples. Its own variation from call to call, and after other voices, is less
        // than two percent.
        for duration in durations { #expect(abs(duration / alone.sound.duration - 1) < 0.03) }
    }

    @Test func `stops in the middle of a long sentence when its task is cancelled`() async throws {
        let voice = try await voice("de")
        let sentence = [[SpokenWord]](repeating: [SpokenWord("Donaudampfschifffahrt")], count: 20_000)
        let task = Task { try await Espeak().speak(sentence, voice: voice) }
        task.cancel()
        let error = await #expect(throws: SpeechError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }
}
