import Foundation
import Media
import Testing

@Suite struct `A rendered video` {
    let workshop: Workshop
    let video: String

    init() throws {
        workshop = try Workshop()
        video = workshop.path("video.mp4")
    }

    @Test func `has the form that YouTube asks for`() async throws {
        let cut = try workshop.cut(title: "A title", words: [TimedWord("Hello", start: 0.1, end: 0.6)])
        let report = try await VideoRenderer().render(cut, to: video)
        let probe = try await MediaProbe.probe(video)
        let picture = try #require(probe.video)
        #expect(picture.codec == "h264")
        #expect(picture.profile == "High")
        #expect((picture.width, picture.height) == (320, 180))
        #expect(picture.frameRate == 30)
        #expect(picture.pixelFormat == "yuv420p")
        #expect([picture.matrix, picture.primaries, picture.transfer] == ["bt709", "bt709", "bt709"])
        #expect(picture.range == "tv")
        #expect(picture.start == 0)
        #expect(picture.frames == 75)
        #expect(picture.keyFrameDistance == 15)
        #expect(picture.meanLuma.allSatisfy { $0 > 20 })
        let sound = try #require(probe.audio)
        #expect(sound.codec == "aac")
        #expect(sound.profile == "LC")
        #expect((sound.sampleRate, sound.channels) == (48000, 2))
        #expect(sound.start == 0)
        #expect(abs(sound.duration - 2.5) < 0.03)
        #expect(probe.indexComesFirst)
        #expect(!probe.hasEditList)
        #expect(report.frames == 75)
        #expect(report.duration == 2.5)
        #expect(report.bytes == probe.bytes)
        #expect(report.cpuSeconds > 0)

        let types = String(
            decoding: try workshop.run(
                "ffprobe", "-select_streams", "v", "-show_entries", "frame=pict_type", "-of", "csv=p=0", video),
            as: UTF8.self)
        let row = types.filter { $0.isLetter }
        #expect(row.count == 75)
        #expect(row.contains("B"))
        #expect(!row.contains("BBB"))
        #expect(row.hasPrefix("I"))
    }

    /// libx264 writes its settings into the first frame.
    @Test func `is compressed as YouTube asks for it, by the encoder's own account`() async throws {
        let encoding = VideoEncoding(preference: .software, quality: 23, peakBitRate: 8_000_000)
        _ = try await VideoRenderer(lanes: 2).render(try workshop.cut(seconds: 4, encoding: encoding), to: video)
        let text = String(decoding: try Data(contentsOf: URL(filePath: video)), as: UTF8.self)
        let start = try #require(text.range(of: "options: cabac="))
        let settings = Set(
            text[start.lowerBound...].prefix(1200).split(separator: "\0")[0].split(separator: " ").map(String.init))
        for wanted in [
            "cabac=1", "8x8dct=1", "bframes=2", "open_gop=0", "keyint=15", "scenecut=0", "rc=crf", "crf=23.0",
            "vbv_maxrate=8000", "vbv_bufsize=12000", "interlaced=0",
        ] { #expect(settings.contains(wanted), "\(wanted) in \(settings.sorted())") }
        let seen = String(
            decoding: try workshop.run(
                "ffprobe", "-select_streams", "v", "-show_entries",
                "stream=profile,has_b_frames,field_order,chroma_location,sample_aspect_ratio,level", "-of",
                "default=nk=0:nw=1",
                video), as: UTF8.self)
        for wanted in ["profile=High", "field_order=progressive", "chroma_location=left", "sample_aspect_ratio=1:1"] {
            #expect(seen.contains(wanted), "\(wanted) in \(seen)")
        }
        // Every group is closed: no frame of one refers to another, so each begins with an IDR picture (NAL unit of type 5).
        let flags = String(
            decoding: try workshop.run(
                "ffprobe", "-select_streams", "v", "-show_entries", "packet=pts,flags", "-of", "csv=p=0", video),
            as: UTF8.self)
        let keys = flags.split(separator: "\n").filter { $0.contains("K") }
        #expect(keys.count == 10)
    }

    @Test func `shows and sounds a clap at the same time`() async throws {
        let dark = try workshop.flat("dark.ppm", Colour(0x101010))
        let white = try workshop.flat("white.ppm", Colour(0xFFFFFF))
        // Two frames of white, at 1.5 seconds: too short for a cross-fade.
        let scenes = [(dark, 0..<45), (white, 45..<47), (dark, 47..<75)].map {
            Workshop.Scene(picture: $0.0, frames: $0.1, seed: 3)
        }
        let clap = try workshop.sound("clap.wav", seconds: 1.5) { time in
            (1.0..<1.05).contains(time) ? 0.7 * sin(2 * .pi * 1000 * time) : 0
        }
        _ = try await VideoRenderer().render(try workshop.cut(scenes: scenes, narration: clap), to: video)

        let flash = try #require(try workshop.frames(of: video).firstIndex { $0[160, 60].green > 128 })
        let heard = try #require(try workshop.onset(in: video))
        #expect(abs(Double(flash) / 30 - heard) < 0.010)
        #expect(flash == 45)
    }

    @Test(arguments: [0.02, 0.3, 1.0])
    func `is as loud as YouTube plays it`(level: Double) async throws {
        // Clicks far above the voice make the limiter work.
        let voice = try workshop.sound("voice.wav", seconds: 4) { time in
            let click = time.truncatingRemainder(dividingBy: 0.5) < 0.002 ? 3.0 : 1
            let syllable = 0.5 - 0.5 * cos(2 * .pi * 4 * time)
            return level * click * syllable * (0.5 * sin(2 * .pi * 150 * time) + 0.2 * sin(2 * .pi * 3000 * time))
        }
        let report = try await VideoRenderer().render(try workshop.cut(narration: voice, seconds: 4), to: video)
        let sound = try #require(try await MediaProbe.probe(video).audio)
        let loudness = try #require(sound.integratedLoudness)
        let peak = try #require(sound.truePeak)
        #expect(abs(loudness + 14) < 0.5)
        #expect(peak <= -1)
        let measured = try #require(report.integratedLoudness)
        #expect(abs(measured - loudness) < 0.4)
    }

    @Test func `is made of a silent narration too`() async throws {
        let silence = try workshop.sound("silence.wav", seconds: 1) { _ in 0 }
        let report = try await VideoRenderer().render(try workshop.cut(narration: silence, seconds: 1), to: video)
        #expect(report.integratedLoudness == nil)
        #expect(try await MediaProbe.probe(video).video?.frames == 60)
    }

    @Test func `keeps the colours of its pictures and of its palette`() async throws {
        let palette = Cut.Palette(
            accent: Colour(0xC03070), background: Colour(0x101820), text: Colour(0xFFFFFF))
        let size = try #require(FrameSize(width: 640, height: 360))
        let orange = try workshop.flat("orange.ppm", Colour(0xC07830))
        let cut = try workshop.cut(
            size: size, title: "Bar", scenes: [Workshop.Scene(picture: orange, frames: 0..<60, seed: 1)],
            seconds: 3, palette: palette)
        _ = try await VideoRenderer().render(cut, to: video)
        let frames = try workshop.frames(of: video, size: size)
        // After the title, before the fade.
        #expect(frames[80][320, 100].isNear(Colour(0xC07830), within: 4))
        // The bar beside the title, and the progress line.
        #expect(!frames[20].places { $0.isNear(palette.accent, within: 14) }.filter { $0.x < 60 && $0.y > 60 }.isEmpty)
        #expect(frames[80][100, 359].isNear(palette.accent, within: 40))
    }

    @Test func `has full size`() async throws {
        let picture = try workshop.picture("wide.ppm", width: 480, height: 270) { x, y in
            Colour(red: UInt8(x / 2), green: UInt8(y / 2), blue: UInt8((x ^ y) & 0xFF))
        }
        let scenes = [0..<45, 45..<90].map {
            Workshop.Scene(picture: picture, frames: $0, seed: 5, heading: "One")
        }
        let cut = try workshop.cut(
            size: .horizontal, title: "A title of full size", scenes: scenes,
            words: [TimedWord("Words", start: 0, end: 0.5), TimedWord("here.", start: 0.5, end: 1)], seconds: 2)
        let report = try await VideoRenderer().render(cut, to: video)
        let probe = try await MediaProbe.probe(video)
        #expect((probe.video?.width, probe.video?.height) == (1920, 1080))
        #expect(probe.video?.frames == 90)
        #expect(report.renderSpeed > 0)
    }
}
