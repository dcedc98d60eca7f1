import Foundation
import Testing

@testable import Media

/// What is heard, seen through FFmpeg's own programs.
@Suite struct `The sound of a video` {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Encodes a track and returns what players hear, at 48 kHz, both channels.
    private func hear(_ track: SoundTrack, seconds: Double) throws -> Recording {
        let cut = try Cut(
            size: Workshop.small, shots: [Shot(.plain(Colour(0)), frames: 0..<Int(seconds * 30))], sound: track)
        let path = workshop.path("sound.nut")
        try SoundFile(cut).write(to: path, flag: CancellationFlag())
        let said = try SoundFile.loudness(of: path, flag: CancellationFlag())
        #expect(try workshop.files.allSatisfy { !$0.hasSuffix(".mix") && !$0.hasSuffix(".draft") })
        return try Recording(path, workshop, said: said)
    }

    private func tone(_ name: String, seconds: Double, hertz: Double = 440, level: Double = 0.2) throws -> String {
        try workshop.sound(name, seconds: seconds) { level * sin(2 * .pi * hertz * $0) }
    }

    /// Speech for two seconds, a pause of two, speech again.
    private func speechWithPause() throws -> String {
        try workshop.sound("pause.wav", seconds: 6) { time in
            if (2..<4).contains(time) { return 0 }
            let syllable = 0.55 - 0.45 * cos(2 * .pi * 4 * time)
            return 0.1 * syllable * (sin(2 * .pi * 150 * time) + 0.4 * sin(2 * .pi * 450 * time))
        }
    }

    @Test func `ducks the music under the voice, and lets it come back in a pause`() throws {
        // Music far above the voice's tones, so that each can be measured by itself.
        let music = try tone("music.wav", seconds: 20, hertz: 3000)
        let sound = try hear(
            SoundTrack(
                narration: .init(file: speechWithPause(), start: 0), music: .init(.file(music), level: -12)),
            seconds: 6)
        let speaking = sound.level(of: 3000, in: 1.5..<1.9)
        let pausing = sound.level(of: 3000, in: 3.4..<3.9)
        #expect(pausing - speaking > 6)
        #expect(pausing - speaking < 16)
        let again = sound.level(of: 3000, in: 4.5..<4.9)
        #expect(pausing - again > 6)
        // It comes and goes softly.
        #expect(sound.level(of: 3000, in: 0..<0.2) < speaking - 6)
        #expect(abs(sound.loudness + 14) < 0.5)
        #expect(sound.peak <= -1)
    }

    @Test(arguments: [0.01, 0.9])
    func `has the music as far below the voice as asked, whatever its file's loudness`(level: Double) throws {
        let music = try tone("music.wav", seconds: 12, hertz: 1000, level: level)
        let voice = try tone("voice.wav", seconds: 3, hertz: 500)
        // In the second half nobody speaks.
        let sound = try hear(
            SoundTrack(narration: .init(file: voice, start: 0), music: .init(.file(music), level: -10)), seconds: 9)
        let difference = sound.level(of: 1000, in: 4.5..<5) - sound.level(of: 500, in: 1..<2)
        // The ear's weighting lifts one of these tones above the other by less than a decibel.
        #expect(abs(difference + 10) < 1.2)
    }

    @Test func `repeats music that is too short, without a click or a hole`() throws {
        let music = try tone("music.wav", seconds: 2.5, hertz: 330)
        let sound = try hear(
            SoundTrack(narration: nil, music: .init(.file(music))), seconds: 12)
        let middle = sound.samples[96_000..<400_000]
        let steps = zip(middle, middle.dropFirst()).map { abs($0 - $1) }
        let loudest = middle.map(abs).max() ?? 0
        // No step is above that of the tone itself.
        #expect((steps.max() ?? 1) < loudest * Float(2 * Double.pi * 330 / 48_000) * 1.6)
        let levels = stride(from: 2.0, to: 8, by: 0.1).map { sound.level(in: $0..<$0 + 0.1) }
        #expect((levels.min() ?? -99) > (levels.max() ?? 0) - 9)
        #expect(abs(sound.loudness + 14) < 0.5)
    }

    @Test(arguments: SoundTrack.Music.Mood.allCases)
    func `is music by itself when nobody speaks`(mood: SoundTrack.Music.Mood) throws {
        let sound = try hear(SoundTrack(narration: nil, music: .init(.composed(seed: 5, mood: mood))), seconds: 5)
        #expect(abs(sound.loudness + 14) < 0.5)
        #expect(sound.peak <= -1)
        #expect(sound.said.integrated.map { abs($0 - sound.loudness) < 0.2 } == true)
        #expect(sound.said.truePeak.map { abs($0 - sound.peak) < 0.2 } == true)
        #expect(sound.level(in: 4.9..<5) < sound.level(in: 2..<3) - 12)
    }

    @Test func `is silence where nothing is to be heard`() throws {
        let sound = try hear(SoundTrack(narration: nil), seconds: 2)
        #expect(sound.samples.allSatisfy { abs($0) < 0.0001 })
        #expect(abs(sound.seconds - 2) < 0.03)
        #expect(sound.said.integrated == nil)
    }

    @Test(arguments: [0.5, 6])
    func `is as long as the video, whatever the narration's length`(seconds: Double) throws {
        let voice = try workshop.speech(seconds: seconds)
        let sound = try hear(SoundTrack(narration: .init(file: voice, start: 0.5)), seconds: 3)
        #expect(abs(sound.seconds - 3) < 0.03)
        #expect(abs(sound.loudness + 14) < 0.5)
        #expect(sound.level(in: 0..<0.45) < -60)
    }

    @Test(arguments: [(8000, 1), (44100, 2), (48000, 6), (96000, 2), (22050, 1)])
    func `takes a narration of any kind`(rate: Int, channels: Int) throws {
        let voice = try workshop.speech(seconds: 2)
        let other = workshop.path("other.flac")
        _ = try workshop.run("ffmpeg", "-i", voice, "-ar", "\(rate)", "-ac", "\(channels)", other)
        let sound = try hear(SoundTrack(narration: .init(file: other, start: 0.25)), seconds: 2.5)
        #expect(abs(sound.loudness + 14) < 0.5)
        #expect(sound.peak <= -1)
        #expect(sound.level(of: 150, in: 0.5..<2) > -30)
        #expect(sound.channels == 2)
    }

    @Test(arguments: ["mp3", "aac", "ogg"])
    func `goes on where a file becomes another kind of sound in its middle`(format: String) async throws {
        let voice = try tone("voice.wav", seconds: 1.5)
        // Of a bare AAC stream FFmpeg takes all times from the first rate.
        let kinds = ["pan=mono|c0=c0,aresample=\(format == "aac" ? 48_000 : 24_000)", "pan=stereo|c0=c0|c1=0*c0"]
        var bytes = Data()
        for (index, kind) in kinds.enumerated() {
            let part = workshop.path("part\(index).\(format)")
            let more = format == "mp3" ? ["-write_xing", "0"] : format == "ogg" ? ["-c:a", "libvorbis"] : []
            _ = try workshop.run("ffmpeg", arguments: ["-i", voice, "-af", kind] + more + [part])
            bytes += try Data(contentsOf: URL(filePath: part))
        }
        let file = workshop.path("both.\(format)")
        try bytes.write(to: URL(filePath: file))
        let sound = try hear(SoundTrack(narration: .init(file: file, start: 0)), seconds: 3)
        // Mono is heard by both ears, three decibels lower by each.
        #expect(abs(sound.level(in: 0.5..<1) - sound.level(in: 0.5..<1, right: true)) < 0.5)
        #expect(abs(sound.level(in: 2..<2.5) - sound.level(in: 0.5..<1) - 3) < 0.7)
        #expect(sound.level(in: 2..<2.5, right: true) < sound.level(in: 2..<2.5) - 30)
        // Without a hole between the two, but for what the encoders put at both ends.
        #expect(sound.level(in: 1.42..<1.72) > sound.level(in: 0.5..<1) - 3)
        // Where two MP3 files meet a packet is broken, which a probe doesn't pass over.
        if format != "mp3" { #expect(try await MediaProbe.probe(file).audio?.integratedLoudness != nil) }
    }

    @Test func `is heard where a recording has a few damaged places, and is refused where it has many`() throws {
        let file = workshop.path("voice.m4a")
        _ = try workshop.run(
            "ffmpeg", "-i", tone("voice.wav", seconds: 3), "-c:a", "aac", "-movflags", "+faststart", file)
        let whole = try Data(contentsOf: URL(filePath: file))
        let samples = try #require(whole.range(of: Data("mdat".utf8))).upperBound..<whole.count
        var few = whole
        for place in [samples.count / 3, samples.count / 2] {
            let start = samples.lowerBound + place
            few.replaceSubrange(start..<start + 200, with: Data(repeating: 0xFF, count: 200))
        }
        try few.write(to: URL(filePath: file))
        #expect(throws: (any Error).self) { try workshop.run("ffmpeg", "-xerror", "-i", file, "-f", "null", "-") }
        let sound = try hear(SoundTrack(narration: .init(file: file, start: 0)), seconds: 3)
        #expect(abs(sound.level(in: 0.5..<0.8) - sound.level(in: 2.3..<2.6)) < 1)
        var many = whole
        for index in samples { many[index] = UInt8(truncatingIfNeeded: index &* 197 >> 3) }
        try many.write(to: URL(filePath: file))
        let error = try #require(throws: MediaError.self) {
            try hear(SoundTrack(narration: .init(file: file, start: 0)), seconds: 3)
        }
        #expect(error.code == .damaged && error.file == file)
        #expect(error.reason.contains("packets are damaged"))
    }

    @Test func `keeps left and right apart`() throws {
        let left = try tone("left.wav", seconds: 2)
        let stereo = workshop.path("stereo.wav")
        _ = try workshop.run("ffmpeg", "-i", left, "-af", "pan=stereo|c0=c0|c1=0*c0", stereo)
        let sound = try hear(SoundTrack(narration: .init(file: stereo, start: 0)), seconds: 2)
        #expect(sound.level(in: 0.5..<1.5) > sound.level(in: 0.5..<1.5, right: true) + 30)
    }

    @Test(arguments: ["wav", "mp3", "m4a", "ogg", "opus", "mkv"])
    func `begins each part where the cut says, to ten milliseconds`(format: String) throws {
        // A click at half a second of the file, of which the second half of the first second is heard, from 1.25 on.
        let click = try workshop.sound("click.wav", seconds: 2) { time in
            (0.5..<0.52).contains(time) ? 0.8 * sin(2 * .pi * 1000 * time) : 0
        }
        let file = workshop.path("part.\(format)")
        if format != "wav" { _ = try workshop.run("ffmpeg", "-i", click, file) }
        let sound = try hear(
            SoundTrack(
                narration: nil,
                others: [.init(file: format == "wav" ? click : file, start: 1.25, part: 0.25..<1)]),
            seconds: 3)
        let loudest = sound.samples.map(abs).max() ?? 0
        let onset = try #require(sound.samples.firstIndex { abs($0) > loudest / 4 })
        #expect(abs(Double(onset) / 48_000 - 1.5) < 0.010)
    }

    @Test func `has films as loud as the voice, times their gain`() throws {
        let film = try tone("film.wav", seconds: 2, hertz: 500, level: 0.9)
        let voice = try tone("voice.wav", seconds: 2, hertz: 500, level: 0.05)
        let sound = try hear(
            SoundTrack(
                narration: .init(file: voice, start: 2.5), others: [.init(file: film, start: 0, gain: -6)]), seconds: 5)
        #expect(abs(sound.level(in: 3..<4) - sound.level(in: 0.5..<1.5) - 6) < 0.5)
    }

    @Test func `refuses music that is hardly there`() throws {
        let blip = try tone("blip.wav", seconds: 0.3)
        let error = try #require(throws: MediaError.self) {
            try hear(SoundTrack(narration: nil, music: .init(.file(blip))), seconds: 2)
        }
        #expect(error.code == .damaged)
        #expect(error.file == blip)
    }
}

/// What a file sounds like.
private struct Recording {
    let samples: [Float]
    let right: [Float]
    let channels: Int
    let loudness: Double
    let peak: Double
    let said: (integrated: Double?, truePeak: Double?)

    init(_ path: String, _ workshop: Workshop, said: (integrated: Double?, truePeak: Double?)) throws {
        self.said = said
        let interleaved = try workshop.run("ffmpeg", "-i", path, "-f", "f32le", "-").withUnsafeBytes {
            Array($0.bindMemory(to: Float.self))
        }
        channels = 2
        samples = stride(from: 0, to: interleaved.count, by: 2).map { interleaved[$0] }
        right = stride(from: 1, to: interleaved.count, by: 2).map { interleaved[$0] }
        let text = String(
            decoding: try workshop.run(
                "ffprobe", "-f", "lavfi", "-show_entries",
                "frame_tags=lavfi.r128.I,lavfi.r128.true_peaks_ch0,lavfi.r128.true_peaks_ch1", "-of", "csv=p=0",
                "amovie=\(path),ebur128=metadata=1:peak=true"), as: UTF8.self)
        let last = text.split(separator: "\n").last?.split(separator: ",").compactMap { Double($0) } ?? []
        loudness = last.first ?? -.infinity
        peak = last.dropFirst().max().map { 20 * log10($0) } ?? -.infinity
    }

    var seconds: Double { Double(samples.count) / 48_000 }

    /// Decibels of all that is heard.
    func level(in seconds: Range<Double>, right: Bool = false) -> Double {
        let part = (right ? self.right : samples)[
            Int(seconds.lowerBound * 48_000)..<min(samples.count, Int(seconds.upperBound * 48_000))]
        let power = part.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, part.count))
        return 10 * log10(power + 1e-12)
    }

    /// Decibels of one tone (Goertzel's sum).
    func level(of hertz: Double, in seconds: Range<Double>) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        let range = Int(seconds.lowerBound * 48_000)..<min(samples.count, Int(seconds.upperBound * 48_000))
        for index in range {
            let (angle, window) = (
                2 * Double.pi * hertz * Double(index) / 48_000,
                0.5 - 0.5 * cos(2 * .pi * Double(index - range.lowerBound) / Double(range.count))
            )
            real += Double(samples[index]) * window * cos(angle)
            imaginary += Double(samples[index]) * window * sin(angle)
        }
        let amplitude = 4 * (real * real + imaginary * imaginary).squareRoot() / Double(range.count)
        return 20 * log10(amplitude + 1e-9) - 3
    }
}
