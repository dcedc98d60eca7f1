import Foundation
import Media
import Testing

@Suite struct `A clip` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func numbers(_ pictures: [Picture]) -> [Int?] { pictures.map { Film.number(in: $0) } }

    static let h264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p"]

    /// Codecs in the containers they come in: long groups with B-frames, intra only, ten bits, palettes.
    static let kinds: [(name: String, arguments: [String])] = [
        ("film.mp4", ["-c:v", "libx264", "-preset", "fast", "-crf", "12", "-pix_fmt", "yuv420p", "-g", "250"]),
        ("open.mkv", ["-c:v", "libx264", "-x264-params", "open-gop=1:keyint=25:bframes=3", "-pix_fmt", "yuv420p"]),
        (
            "hevc.mp4",
            ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=0"]
        ),
        (
            "vp9.webm",
            ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p", "-crf", "15"]
        ),
        ("av1.mp4", ["-c:v", "libsvtav1", "-preset", "12", "-crf", "20", "-pix_fmt", "yuv420p"]),
        ("xvid.avi", ["-c:v", "mpeg4", "-q:v", "2"]),
        ("prores.mov", ["-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"]),
        ("motion.avi", ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"]),
        ("stream.ts", ["-c:v", "mpeg2video", "-q:v", "2", "-bf", "2", "-pix_fmt", "yuv420p"]),
        ("screen.mkv", ["-c:v", "ffv1", "-pix_fmt", "bgra"]),
    ]

    @Test(arguments: kinds.map(\.name))
    func `shows the frame of each moment, whatever its codec`(name: String) async throws {
        let kind = try #require(Self.kinds.first { $0.name == name })
        let file = try workshop.film(name, frames: 150, kind.arguments)
        // Several lanes: each begins somewhere in the film.
        let pictures = try await workshop.render(Clip(file: file, part: 0.5..<4.9), frames: 130, lanes: 3)
        #expect(numbers(pictures) == (15..<145).map { $0 })
    }

    @Test func `of a GIF is shown like a film`() async throws {
        // A hundredth of a second is its finest time.
        let file = try workshop.film("film.gif", frames: 60, rate: "25", [])
        let pictures = try await workshop.render(Clip(file: file, part: 0.4..<2), frames: 40, rate: 25)
        #expect(numbers(pictures) == (10..<50).map { $0 })
    }

    @Test func `keeps its time where frames come unevenly`() async throws {
        // Frame n begins after n² + 3n milliseconds: 4 ms apart at first, 120 ms in the end.
        let file = try workshop.film(
            "uneven.mkv", frames: 60, filters: "settb=1/1000,setpts=N*N+3*N",
            ["-fps_mode", "vfr", "-enc_time_base", "1/1000"] + Self.h264)
        let pictures = try await workshop.render(Clip(file: file, part: 0..<3.6), frames: 105)
        let begins = (0..<60).map { (number: Int) in Double(number * number + 3 * number) / 1000 }
        let expected: [Int?] = (0..<105).map { (frame: Int) in
            let moment = Double(frame) / 30 + 0.0015
            return begins.lastIndex { $0 <= moment }
        }
        #expect(numbers(pictures) == expected)
    }

    @Test func `is slowed, sped up and begun again`() async throws {
        let file = try workshop.film("film.mp4", frames: 90, Self.h264)
        let slow = try await workshop.render(Clip(file: file, part: 1..<2, speed: 0.5), frames: 40)
        #expect(numbers(slow) == (0..<40).map { 30 + $0 / 2 })
        let fast = try await workshop.render(Clip(file: file, part: 0..<3, speed: 2), frames: 45)
        #expect(numbers(fast) == (0..<45).map { $0 * 2 })
        let again = try await workshop.render(Clip(file: file, part: 1..<1.5, loops: true), frames: 50)
        #expect(numbers(again) == (0..<50).map { 30 + $0 % 15 })
        // The last frame of the part stays, not the one after it.
        let held = try await workshop.render(Clip(file: file, part: 1..<1.5), frames: 30)
        #expect(numbers(held) == (0..<30).map { 30 + min($0, 14) })
        let end = try await workshop.render(Clip(file: file, part: 2.5..<4), frames: 45)
        #expect(numbers(end) == (0..<45).map { min(75 + $0, 89) })
    }

    @Test func `is brought to the video's frame rate`() async throws {
        let file = try workshop.film("film.mp4", frames: 100, rate: "50", Self.h264)
        let pictures = try await workshop.render(Clip(file: file, part: 0..<2), frames: 60)
        #expect(numbers(pictures) == (0..<60).map { $0 * 5 / 3 })
    }

    @Test func `begins with its first frame, however late that is`() async throws {
        let file = try workshop.film(
            "late.ts", frames: 60, ["-c:v", "mpeg2video", "-q:v", "2", "-output_ts_offset", "1000"])
        let pictures = try await workshop.render(Clip(file: file, part: 0..<2), frames: 60)
        #expect(numbers(pictures) == (0..<60).map { $0 })
    }

    @Test func `plays beside another part of the same film in a dissolve`() async throws {
        let file = try workshop.film("film.mp4", frames: 120, Self.h264)
        let clip = Clip(file: file, part: 0..<1)
        let pictures = try await workshop.render([
            Shot(.clip(clip), frames: 0..<30),
            Shot(.clip(Clip(file: file, part: 2..<3)), frames: 30..<60, transition: Transition(.dissolve, frames: 10)),
        ])
        #expect(numbers(Array(pictures[0..<25])) == (0..<25).map { $0 })
        #expect(numbers(Array(pictures[35..<60])) == (35..<60).map { 60 + min($0 - 25, 29) })
    }

    @Test(arguments: [0, 90, 180, 270], [false, true])
    func `is turned upright`(angle: Int, isMirrored: Bool) async throws {
        // Red above left, green above right, blue below left, white below right, as the sensor saw it.
        try workshop.make(
            "upright.mp4",
            [
                "-f", "lavfi", "-i",
                "color=red:s=160x160:d=1,drawbox=80:0:80:80:lime:fill,drawbox=0:80:80:80:blue:fill,drawbox=80:80:80:80:white:fill",
            ] + Self.h264)
        try workshop.make(
            "turned.mp4",
            ["-i", workshop.path("upright.mp4"), "-c", "copy", "-metadata:s:v", "rotate=\(angle)"])
        let size = try #require(FrameSize(width: 96, height: 96))
        let file = workshop.path("turned.mp4")
        if isMirrored { try mirror(file) }
        let ours = try #require(try await workshop.render(Clip(file: file, part: 0..<1), frames: 2, size: size).first)
        // What FFmpeg's program makes of it.
        let bytes = try workshop.run(
            "ffmpeg", "-i", file, "-frames:v", "1", "-vf", "scale=96:96,format=rgb24", "-f", "rawvideo", "-")
        let theirs = Picture(width: 96, height: 96, bytes: Array(bytes))
        for (x, y) in [(24, 24), (72, 24), (24, 72), (72, 72)] {
            #expect(ours[x, y].isNear(theirs[x, y], within: 12), "at \(x), \(y)")
        }
        let probe = try await MediaProbe.probe(file, depth: .headers)
        #expect(probe.video?.shownWidth == 160)
    }

    /// Turns the sign of the matrix's column for x, in an MP4 file's track header.
    private func mirror(_ path: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: path))
        let header = try #require(bytes.range(of: Data("tkhd".utf8)))
        // Version 0: 4 version and flags, 20 times and ids, 16 others, then the matrix a b u c d v x y w.
        for place in [0, 12] {
            let at = header.upperBound + 40 + place
            let value = bytes[at..<at + 4].reduce(Int32(0)) { $0 << 8 | Int32($1) }
            withUnsafeBytes(of: (-value).bigEndian) { bytes.replaceSubrange(at..<at + 4, with: $0) }
        }
        try bytes.write(to: URL(filePath: path))
    }

    @Test func `has square pixels in the end, and fills or fits the frame`() async throws {
        // 4:3 by wide pixels: 192 × 144 stored, 256 × 144 seen would be 16:9; here 192 × 216 is 16:9 by 2:1 pixels.
        let file = try workshop.film(
            "wide.mp4", frames: 5, filters: "scale=192:216,setsar=2/1", Self.h264)
        let pictures = try await workshop.render(Clip(file: file, part: 0..<0.1), frames: 3)
        #expect(numbers(pictures).first == 0)
        let probe = try #require(try await MediaProbe.probe(file, depth: .headers).video)
        #expect((probe.shownWidth, probe.shownHeight) == (384, 216))

        let tall = try #require(FrameSize(width: 180, height: 320))
        let clip = try workshop.film("film.mp4", frames: 60, Self.h264)
        let filled = try await workshop.render(Clip(file: clip, part: 1.4..<1.8), frames: 2, size: tall)
        // 42 is 101010; the middle of twelve fields are numbers 4 to 7: 0100.
        let light = (0..<180).map { filled[0][$0, 160].green > 128 }
        #expect(light.contains(true) && light.contains(false))
        #expect(filled[0][90, 20] == filled[0][90, 300])
        let fitted = try await workshop.render(
            Clip(file: clip, part: 1.4..<1.8, framing: .fit), frames: 2, size: tall)
        // 180 × 101 in the middle of 320.
        #expect(Film.number(in: fitted[0], left: 0, top: 110, width: 180, height: 100) == 42)
        // Above and below: dim and soft.
        let above = (0..<180).map { Int(fitted[0][$0, 40].green) }
        #expect(above.allSatisfy { $0 < 130 }, "\(above)")
        #expect(zip(above, above.dropFirst()).allSatisfy { abs($0 - $1) < 12 }, "\(above)")
        #expect(above.contains { $0 > 20 })
    }

    @Test func `of two fields for each frame has no combs`() async throws {
        // A bar that moves by 12 pixels from field to field.
        try workshop.make(
            "fields.ts",
            [
                "-f", "lavfi", "-i", "color=black:s=384x216:r=50:d=2", "-f", "lavfi", "-i",
                "color=white:s=24x216:r=50:d=2",
                "-filter_complex", "[0][1]overlay=x=n*4:y=0,interlace=scan=tff:lowpass=0,setfield=tff", "-c:v",
                "mpeg2video",
                "-q:v", "2", "-flags", "+ildct+ilme", "-pix_fmt", "yuv420p",
            ])
        let size = try #require(FrameSize(width: 384, height: 216))
        let pictures = try await workshop.render(
            Clip(file: workshop.path("fields.ts"), part: 0..<1.5), frames: 30, size: size, rate: 25)
        for picture in pictures[5..<25] {
            // Combs: a line whose neighbours above and below agree and it doesn't.
            let combed = (50..<160).flatMap { y in (0..<384).map { (x: $0, y: y) } }.filter { place in
                let (above, own, below) = (
                    Int(picture[place.x, place.y - 1].green), Int(picture[place.x, place.y].green),
                    Int(picture[place.x, place.y + 1].green)
                )
                return abs(above - below) < 20 && abs(own - above) > 100
            }
            #expect(combed.count < 20)
        }
    }
}
