import Foundation
import Media
import Testing

@Suite struct `The length of a video` {
    let workshop: Workshop
    let video: String

    init() throws {
        workshop = try Workshop()
        video = workshop.path("video.mp4")
    }

    /// By FFmpeg's program: frames that decode, and seconds of picture and of sound.
    private func lengths() throws -> (frames: Int, picture: Double, sound: Double) {
        func ask(_ stream: String, _ entries: String, _ more: String...) throws -> [Double] {
            String(
                decoding: try workshop.run(
                    "ffprobe",
                    arguments: more + [
                        "-select_streams", stream, "-show_entries", "stream=\(entries)", "-of", "csv=p=0", video,
                    ]), as: UTF8.self
            ).split(whereSeparator: { ",\n".contains($0) }).compactMap { Double($0) }
        }
        let picture = try ask("v", "duration,nb_read_frames", "-count_frames")
        let sound = try ask("a", "duration")
        try #require(picture.count == 2 && sound.count == 1)
        return (Int(picture[1]), picture[0], sound[0])
    }

    @Test(arguments: [(1, 60), (7, 1), (24, 24), (47, 25), (61, 30)])
    func `of one scene is right to the frame`(frames: Int, rate: Int) async throws {
        let speech = try workshop.speech(seconds: 1)
        let cut = try Cut(
            size: Workshop.small, frameRate: rate,
            shots: [
                Shot(
                    .still(
                        file: try workshop.flat("flat.ppm", Colour(0x405060)), motion: Motion(from: .whole, to: .whole)),
                    frames: 0..<frames)
            ], sound: SoundTrack(narration: SoundTrack.Part(file: speech, start: 0)),
            encoding: VideoEncoding(preference: .software, preset: .superfast))
        let report = try await VideoRenderer().render(cut, to: video)
        let found = try lengths()
        #expect(found.frames == frames && report.frames == frames)
        #expect(abs(found.picture - Double(frames) / Double(rate)) < 0.0001)
        // AAC comes in frames of 1,024 samples, the first of which the encoder adds: two at least.
        #expect(abs(found.sound - max(found.picture, 2048.0 / 48_000)) < 1024.0 / 48_000 + 0.0001)
    }

    @Test func `of ten minutes of speech is right to the frame, and all of it ends together`() async throws {
        // Words of a quarter of a second, two a second; a minute's silence would be noticed, so would a word too late.
        try workshop.make(
            "speech.wav",
            [
                "-f", "lavfi", "-i",
                "aevalsrc='if(lt(mod(t,0.5),0.25),0.3*sin(2*PI*150*t)+0.1*sin(2*PI*450*t),0)':s=24000:d=600",
            ])
        let words = (0..<1200).map { number in
            TimedWord(
                number % 12 == 11 ? "end." : "word", start: Double(number) * 0.5, end: Double(number) * 0.5 + 0.25)
        }
        let (rate, leadIn) = (2, 0.4)
        let count = Cut.frameCount(seconds: leadIn + 600 + 2, frameRate: rate)
        let spoken = words.map { TimedWord($0.text, start: $0.start + leadIn, end: $0.end + leadIn) }
        let cut = try Cut(
            size: Workshop.small, frameRate: rate, shots: [Shot(.plain(Colour(0x305070)), frames: 0..<count)],
            captions: Captions(spoken, lineLength: Captions.lineLength(in: Workshop.small)), hasProgressLine: false,
            sound: SoundTrack(narration: SoundTrack.Part(file: workshop.path("speech.wav"), start: leadIn)),
            encoding: VideoEncoding(preference: .software, preset: .superfast))
        #expect(count == 1205)
        _ = try await VideoRenderer().render(cut, to: video)
        let found = try lengths()
        #expect(found.frames == count)
        #expect(abs(found.picture - Double(count) / Double(rate)) < 0.0001)
        #expect(abs(found.sound - found.picture) < 1024.0 / 48_000 + 0.0001)

        // The last word is on at 599.9 s and spoken until 600.15; some time later nothing is written any more.
        let end = try workshop.frames(of: video, from: 598)
        #expect(end.count == count - 598 * rate)
        let written = end.map { !$0.bright.isEmpty }
        let last = try #require(cut.captions.pages.last)
        #expect(written[Int((599.9 - 598) * Double(rate)) + 1])
        #expect(!(written.last ?? true))
        #expect(abs(last.end - 600.15) < 1.5)
        let gone = try #require(written.lastIndex(of: true)) + 1
        #expect(abs(598 + Double(gone) / Double(rate) - last.end) <= 1 / Double(rate))
        // Ten minutes later the sound is still where it belongs.
        let heard = try #require(try workshop.lastSound(in: video, from: 598))
        #expect(abs(heard - (599.75 + leadIn)) < 0.010)
    }
}
