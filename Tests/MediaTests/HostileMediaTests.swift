import Foundation
import Media
import Testing

@Suite struct `A file from a stranger` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func failure(of clip: Clip) async -> MediaError? {
        do {
            _ = try await workshop.render(clip, frames: 30)
            return nil
        } catch {
            return error as? MediaError
        }
    }

    private func failure(
        probing path: String, _ change: (inout MediaLimits) -> Void = { _ in }
    ) async -> MediaError? {
        var limits = MediaLimits()
        change(&limits)
        do throws(MediaError) {
            _ = try await MediaProbe.probe(path, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private static let film = [
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart",
    ]

    @Test(arguments: [
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile 'film.mp4'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "hello\n",
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>",
        "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
    ])
    func `that only names others, or is text, is no film`(text: String) async throws {
        _ = try workshop.film("film.mp4", frames: 30, Self.film)
        let file = workshop.path("list.mp4")
        try Data(text.utf8).write(to: URL(filePath: file))
        let error = try #require(await failure(of: Clip(file: file, part: 0..<1)))
        #expect(error.code == .damaged)
        #expect(error.file == file)
        let probed = try #require(await failure(probing: file))
        #expect(probed.code == .damaged)
    }

    @Test func `has an end, and is no device`() async throws {
        let pipe = workshop.path("pipe.mp4")
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, "/dev/zero", workshop.folder.path(percentEncoded: false)] {
            let error = try #require(await failure(probing: path))
            #expect(error.code == .unreadable)
            #expect(error.description.contains("not a plain file"))
        }
    }

    @Test func `has an end in a video too, before anything waits for it`() async throws {
        let pipe = workshop.path("pipe.mp4")
        #expect(mkfifo(pipe, 0o600) == 0)
        let error = try #require(await failure(of: Clip(file: pipe, part: 0..<1)))
        #expect(error.code == .unreadable && error.file == pipe)
        #expect(error.description.contains("not a plain file"))
    }

    @Test func `may ask for as much of a renderer as it was told to give`() async throws {
        let film = try workshop.film("film.mp4", frames: 60, Self.film)
        let still = try workshop.flat("flat.ppm", Colour(0x304050))
        let voice = try workshop.speech(seconds: 1)
        let cut = try Cut(
            size: Workshop.small,
            shots: [
                Shot(.still(file: still, motion: Motion(from: .whole, to: .whole)), frames: 0..<10),
                Shot(.clip(Clip(file: film, part: 0..<1)), frames: 10..<20),
            ], logo: Logo(file: still), sound: SoundTrack(narration: SoundTrack.Part(file: voice, start: 0)),
            encoding: VideoEncoding(preference: .software, preset: .superfast))
        func refused(_ change: (inout MediaLimits) -> Void) async -> String? {
            var limits = MediaLimits()
            change(&limits)
            do throws(MediaError) {
                _ = try await VideoRenderer(lanes: 1, limits: limits).render(cut, to: workshop.path("video.mp4"))
                return nil
            } catch {
                return error.code == .invalid || error.code == .damaged ? error.file : "\(error)"
            }
        }
        #expect(await refused { $0.stillPixels = 1000 } == still)
        #expect(await refused { $0.filmPixels = 1000 } == film)
        #expect(await refused { $0.duration = 0.5 } == voice)
        #expect(await refused { $0.bytes = 100 } != nil)
        #expect(await refused { _ in } == nil)
    }

    @Test func `is refused beyond a limit, which is named`() async throws {
        let file = try workshop.film("film.mp4", frames: 60, Self.film)
        let long = try #require(await failure(probing: file) { $0.duration = 1 })
        #expect(long.code == .invalid && long.description.contains("the limit is 1 s"))
        let large = try #require(await failure(probing: file) { $0.bytes = 100 })
        #expect(large.code == .invalid && large.description.contains("the limit is 100"))
        let wide = try #require(await failure(probing: file) { $0.filmPixels = 1000 })
        #expect(wide.code == .invalid && wide.description.contains("384×216 is too large"))
        let slow = try #require(await failure(probing: file) { $0.patience = 0 })
        #expect(slow.code == .damaged && slow.description.contains("more than the 0 s"))
        let picture = try workshop.flat("flat.ppm", Colour(0))
        let still = try #require(await failure(probing: picture) { $0.stillPixels = 1000 })
        #expect(still.code == .invalid)
        for error in [long, large, wide, slow] { #expect(error.file == file) }
        #expect(await failure(probing: file) == nil)
    }

    @Test func `may have boxes within boxes without an end`() async throws {
        let file = try workshop.film("film.mp4", frames: 10, Self.film)
        let plain = try await MediaProbe.probe(file, depth: .headers)
        var bytes = try Data(contentsOf: URL(filePath: file))
        for level in (1...200_000).reversed() {
            withUnsafeBytes(of: UInt32(level * 8).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: Array("moov".utf8))
        }
        try bytes.write(to: URL(filePath: file))
        let probe = try await MediaProbe.probe(file, depth: .headers)
        #expect(probe.indexComesFirst)
        #expect(probe.hasEditList == plain.hasEditList)
        #expect(probe.video == plain.video)
    }

    @Test func `that promises more film than it has is damaged`() async throws {
        let file = try workshop.film("film.mp4", frames: 300, Self.film)
        let whole = try Data(contentsOf: URL(filePath: file))
        try whole.prefix(whole.count / 3).write(to: URL(filePath: file))
        let error = try #require(await failure(of: Clip(file: file, part: 8..<9)))
        #expect(error.code == .damaged)
        #expect(error.file == file)
        #expect(try workshop.files == ["film.mp4", "silence.wav"])
    }

    @Test func `with a few damaged frames is shown, with many it isn't`() async throws {
        let file = try workshop.film("film.avi", frames: 60, ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"])
        var bytes = try Data(contentsOf: URL(filePath: file))
        // In a film of single pictures a damaged one stays the only one.
        for place in [bytes.count / 3, bytes.count / 2] {
            let samples = try #require(bytes.range(of: Data([0xFF, 0xDA]), in: place..<bytes.count)).upperBound + 40
            bytes.replaceSubrange(samples..<samples + 20, with: Data(repeating: 0xFF, count: 20))
        }
        try bytes.write(to: URL(filePath: file))
        let pictures = try await workshop.render(Clip(file: file, part: 0..<2), frames: 60)
        let right = pictures.enumerated().filter { Film.number(in: $1) == $0 }.count
        #expect(right >= 54)
        #expect(pictures.count == 60)

        let bad = try workshop.film("bad.mp4", frames: 60, Self.film)
        bytes = try Data(contentsOf: URL(filePath: bad))
        let samples = try #require(bytes.range(of: Data("mdat".utf8))).upperBound
        for index in samples..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 197 >> 3) }
        try bytes.write(to: URL(filePath: bad))
        let error = try #require(await failure(of: Clip(file: bad, part: 0..<2)))
        #expect(error.code == .damaged)
        #expect(error.file == bad)
        #expect(!error.reason.isEmpty)
    }
}
