import Alignment
import Speech
import Testing

/// Narrations whose timings are known, found by those of another voice.
@Suite struct `Words found by another voice` {
    private static let shelf = Shelf()

    /// Who says the words first, whose recording they are found in, and what part of the words must have both their start
    /// and their end within 80 ms of the truth.
    struct Pair: Sendable, CustomTestStringConvertible {
        let reference: Reader
        let reader: Reader
        var text = Texts.moon
        var language = "en"
        var part = 0.95
        /// How much faster the recording is played, and so how much higher.
        var pitch = 1.0

        var testDescription: String { "\(reference) → \(reader)" }
    }

    @Test(arguments: [
        Pair(reference: .slt, reader: .rms), Pair(reference: .rms, reader: .slt), Pair(reference: .slt, reader: .awb),
        Pair(reference: .espeak("gmw/en-us"), reader: .slt), Pair(reference: .espeak("gmw/en-us"), reader: .awb),
        Pair(reference: .slt, reader: .rms.at(speed: 1.2), text: Texts.coffee),
        Pair(
            reference: .espeak("gmw/de"), reader: .espeak("gmw/de").at(speed: 0.9), text: Texts.mond, language: "de",
            pitch: 1.2),
        // Two machines that say many words in different ways, and whose pauses are not silent.
        Pair(reference: .slt, reader: .espeak("gmw/en-us"), part: 0.9),
        Pair(reference: .espeak("gmw/en-us"), reader: .rms, part: 0.9),
    ])
    func `are within 80 ms of the truth`(pair: Pair) async throws {
        let reference = try await Self.shelf.reading(of: pair.text, by: pair.reference, language: pair.language)
        let reading = try await Self.shelf.reading(of: pair.text, by: pair.reader, language: pair.language)
        try expect(reference, in: reading.played(at: pair.pitch), part: pair.part)
    }

    @Test func `are found in a slow recording that begins late, rests for long and comes from a studio`() async throws {
        let reference = try await Self.shelf.reading(of: Texts.coffee, by: .slt, language: "en")
        let slow = try await Self.shelf.reading(of: Texts.coffee, by: .rms.at(speed: 0.8).resting(1.5), language: "en")
        try expect(reference, in: slow.later(by: 1).resampled(to: 48_000), part: 0.95)
    }

    @Test func `are found in a recording that is dull and noisy`() async throws {
        let reference = try await Self.shelf.reading(of: Texts.moon, by: .slt, language: "en")
        let reading = try await Self.shelf.reading(of: Texts.moon, by: .rms, language: "en")
        try expect(reference, in: reading.dull(above: 4_000).noisy(decibels: 25), part: 0.95)
    }

    @Test func `are not found where other words are said`() async throws {
        let coffee = try await Self.shelf.reading(of: Texts.coffee, by: .slt, language: "en")
        for (text, reader, language) in [
            (Texts.moon, Reader.rms, "en"), (Texts.mond, .espeak("gmw/de"), "de"),
        ] {
            let other = try await Self.shelf.reading(of: text, by: reader, language: language)
            let error = #expect(throws: AlignmentError.self) {
                try Aligner().align(
                    reference: coffee.sound, words: coffee.times.compactMap { $0 }, recording: other.sound)
            }
            #expect(error?.code == .otherWords, "\(reader) is taken for the words of another text")
        }
    }

    @Test func `are not found where nothing is heard, nor where there is no time for them`() async throws {
        let coffee = try await Self.shelf.reading(of: Texts.coffee, by: .slt, language: "en")
        let words = coffee.times.compactMap { $0 }
        func code(_ samples: [Float]) -> AlignmentError.Code? {
            #expect(throws: AlignmentError.self) {
                try Aligner().align(
                    reference: coffee.sound, words: words, recording: MonoSamples(samples: samples, sampleRate: 16_000))
            }?.code
        }
        #expect(code([]) == .nothingHeard)
        #expect(code([Float](repeating: 0, count: 160_000)) == .nothingHeard)
        #expect(code(Array(coffee.samples.prefix(32_000))) == .otherLength)
        #expect(try Aligner().align(reference: coffee.sound, words: [], recording: coffee.sound).times == [])
    }

    @Test func `are found in a single word`() async throws {
        let reference = try await Self.shelf.reading(of: "Hello.", by: .slt, language: "en")
        try expect(
            reference, in: try await Self.shelf.reading(of: "Hello.", by: .rms, language: "en").later(by: 0.5), part: 1)
    }

    /// Aligns what both say, and expects order, place and accuracy.
    private func expect(
        _ reference: Reading, in reading: Reading, part: Double, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let said = zip(reference.times, reading.times).filter { $0 != nil && $1 != nil }
        let truth = said.compactMap(\.1)
        let found = try Aligner().align(
            reference: reference.sound, words: said.compactMap(\.0), recording: reading.sound)
        #expect(found.times.count == truth.count, sourceLocation: sourceLocation)
        #expect(found.times.allSatisfy { !$0.isEmpty }, "no empty word", sourceLocation: sourceLocation)
        #expect(
            zip(found.times, found.times.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "no overlap",
            sourceLocation: sourceLocation)
        #expect(
            (found.times.first?.lowerBound ?? 0) >= 0
                && (found.times.last?.upperBound ?? 0) <= reading.sound.duration, sourceLocation: sourceLocation)
        #expect((found.confidence ?? 1) > 0.8, sourceLocation: sourceLocation)
        let accuracy = Accuracy(of: found.times, truth: truth)
        #expect(accuracy.near >= part, "\(accuracy)", sourceLocation: sourceLocation)
    }
}

/// Readings that several tests ask for, each made once.
private actor Shelf {
    private var readings: [String: Task<Reading, any Error>] = [:]

    func reading(of text: String, by reader: Reader, language: String) async throws -> Reading {
        let key = "\(reader) \(reader.speed) \(reader.rest) \(text)"
        let task = readings[key] ?? Task { try await reader.read(text, language: language) }
        readings[key] = task
        return try await task.value
    }
}
