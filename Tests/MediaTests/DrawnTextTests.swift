import CFFmpeg
import Foundation
import Testing

@testable import Media

/// What is written onto frames, without the rest of a render.
@Suite struct `Text on a frame` {
    static let horizontal = FrameSize(width: 320, height: 180) ?? .horizontal
    static let vertical = FrameSize(width: 180, height: 320) ?? .vertical
    static let square = FrameSize(width: 240, height: 240) ?? .horizontal
    static let custom = CaptionStyle.custom(
        ass: "Inter,70,&H00FFFFFF,&H0057C8FF,&H00101010,&H80000000,1,0,0,0,100,100,0,0,1,4,0,2,60,60,80,1")
    static let styles: [CaptionStyle] = CaptionStyle.designs.map(\.style) + [custom]

    private func cut(
        _ size: FrameSize = horizontal, _ words: [TimedWord] = [], _ style: CaptionStyle = .quiet, titles: [Title] = [],
        seconds: Int = 4
    ) throws -> Cut {
        try Cut(
            size: size, shots: [Shot(.plain(Colour(0)), frames: 0..<30 * seconds)], titles: titles,
            captions: Captions(words, style: style, in: size), sound: SoundTrack(narration: nil))
    }

    private func spoken(_ text: String, pace: Double = 0.5) -> [TimedWord] {
        text.split(separator: " ").enumerated().map {
            TimedWord(String($1), start: Double($0) * pace, end: Double($0 + 1) * pace)
        }
    }

    /// A black frame with what is written at `number`.
    private func drawn(_ overlay: TextOverlay, _ size: FrameSize, _ number: Int) throws -> Frame {
        let frame = try Frame(width: size.width, height: size.height, format: AV_PIX_FMT_YUV420P)
        for index in 0..<3 {
            guard let plane = frame.plane(index) else { continue }
            for line in 0..<plane.height {
                (plane.samples + line * plane.stride).update(repeating: index == 0 ? 16 : 128, count: plane.width)
            }
        }
        try overlay.write(on: frame, number: number)
        return frame
    }

    private func places(_ frame: Frame, _ matches: (_ luma: UInt8, _ blue: UInt8) -> Bool) throws -> [(x: Int, y: Int)]
    {
        let (luma, blue) = (try #require(frame.plane(0)), try #require(frame.plane(1)))
        defer { withExtendedLifetime(frame) {} }
        var places: [(x: Int, y: Int)] = []
        for y in 0..<luma.height {
            for x in 0..<luma.width
            where matches(luma.samples[y * luma.stride + x], blue.samples[y / 2 * blue.stride + x / 2]) {
                places.append((x, y))
            }
        }
        return places
    }

    private func ink(_ frame: Frame) throws -> [(x: Int, y: Int)] { try places(frame) { luma, _ in luma > 60 } }

    /// Of the accent colour, a strong yellow.
    private func lit(_ frame: Frame) throws -> [(x: Int, y: Int)] {
        try places(frame) { luma, blue in luma > 70 && blue < 108 }
    }

    private func inkBox(_ script: AssScript, _ renderer: AssRenderer) throws -> InkBox? {
        var box: InkBox?
        try renderer.draw(script.text) { image in
            guard let part = InkBox(inkOf: image.pointee) else { return }
            if box?.join(part) == nil { box = part }
        }
        return box
    }

    private func middle(_ places: [(x: Int, y: Int)]) -> Double {
        Double(places.map(\.x).reduce(0, +)) / Double(max(1, places.count))
    }

    @Test(arguments: styles)
    func `lights each word within 50 ms of its beginning`(style: CaptionStyle) throws {
        let words = [
            TimedWord("One", start: 0.412, end: 0.9), TimedWord("other", start: 0.913, end: 1.377),
            TimedWord("thing", start: 1.391, end: 2.02),
        ]
        let overlay = try TextOverlay(try cut(Self.horizontal, words, style))
        var begins: [Double] = []
        var last = -1000.0
        for number in 0..<90 {
            let places = try lit(try drawn(overlay, Self.horizontal, number))
            guard places.count > 5 else { continue }
            let now = middle(places)
            // The next word stands to the right of the one before it.
            if now > last + 12 { begins.append(Double(number) / 30) }
            last = max(last, now)
        }
        #expect(begins.count == 3)
        #expect(zip(begins, words).allSatisfy { abs($0 - $1.start) <= 0.05 })
    }

    @Test(arguments: styles)
    func `is there from a page's first word to its end, and at no other time`(style: CaptionStyle) throws {
        let cut = try cut(Self.vertical, [TimedWord("Hello", start: 1, end: 1.5)], style)
        let page = try #require(cut.captions.pages.first)
        let overlay = try TextOverlay(cut)
        for number in stride(from: 0, to: 120, by: 5) {
            let isShown = try !ink(try drawn(overlay, Self.vertical, number)).isEmpty
            let seconds = (Double(number) + 0.5) / 30
            #expect(isShown == (seconds >= page.start && seconds < page.end), "frame \(number)")
        }
    }

    static let scripts = [
        "Nobody who heard it, would ever forget where they were.", "توقفت المحركات، وهدأ الغبار، وأخبر صوت هادئ العالم",
        "その夜、世界中の人々が同じ小さな窓を見つめていました。", "המנועים נעצרו, האבק שקע, וקול שקט סיפר",
        "เครื่องยนต์หยุดลงฝุ่นจางหายและเสียงอันเงียบสงบก็บอกโลก", "Größe, Ñandú & żółć 🚀 ❤️ done",
    ]

    @Test(arguments: scripts)
    func `has a letter for every character, inside the safe area`(text: String) throws {
        for size in [Self.horizontal, Self.vertical, Self.square] {
            let safe = SafeArea(of: size)
            for style in CaptionStyle.designs.map(\.style) {
                let cut = try cut(size, spoken(text, pace: text.contains(" ") ? 0.4 : 4), style)
                let renderer = try AssRenderer(size)
                let writer = CaptionWriter(cut, renderer: renderer)
                for page in cut.captions.pages.indices.prefix(3) {
                    let script = try writer.script(for: .init(page: page, spoken: 0, step: nil))
                    let box = try #require(try inkBox(script, renderer))
                    // Outlines and shadows lie a few pixels further out.
                    let room = 3
                    #expect(box.left + room >= Int(safe.left * Double(size.width)))
                    #expect(box.right - room <= Int((1 - safe.right) * Double(size.width)))
                    #expect(box.bottom - room <= Int((1 - safe.bottom) * Double(size.height)))
                    #expect(box.top > size.height / 3)
                }
                #expect(renderer.missing.isEmpty)
            }
        }
    }

    @Test(arguments: ["واحد اثنان ثلاثة", "אחת שתיים שלוש"])
    func `is read from right to left where it is written so`(text: String) throws {
        for style in Self.styles {
            let overlay = try TextOverlay(try cut(Self.horizontal, spoken(text), style))
            let middles = try [7, 22, 37].map { middle(try lit(try drawn(overlay, Self.horizontal, $0))) }
            #expect(style == .punch || middles == middles.sorted(by: >))
            #expect(middles.allSatisfy { $0 > 50 })
        }
    }

    @Test func `leaves out what no font has`() throws {
        // A character that Unicode will never have.
        let strange = "one \u{10FFFD}two \u{10FFFD} three"
        for style in Self.styles {
            let size = Self.horizontal
            let with = try TextOverlay(try cut(size, spoken(strange, pace: 0.25), style))
            let titled = try TextOverlay(
                try cut(size, titles: [Title(.card, strange, detail: strange, frames: 0..<100)]))
            let plain = try TextOverlay(
                try cut(size, titles: [Title(.card, "one two three", detail: "one two three", frames: 0..<100)]))
            #expect(try !ink(try drawn(with, size, 10)).isEmpty)
            #expect(try ink(try drawn(titled, size, 50)).count == ink(try drawn(plain, size, 50)).count)
        }
        let renderer = try AssRenderer(Self.horizontal)
        let canvas = TextCanvas(Self.horizontal)
        var script = AssScript(Self.horizontal, typeface: "Inter")
        script.add("\u{10FFFD}")
        try canvas.draw(script.text, with: renderer)
        #expect(renderer.missing == [0x10FFFD])
    }

    @Test(arguments: `Text in a video`.hostile)
    func `is only text in every style`(text: String) throws {
        for style in Self.styles {
            let size = Self.horizontal
            let titles = [
                Title(.label, text, detail: text, frames: 0..<60),
                Title(.lowerThird, text, detail: text, frames: 0..<60),
            ]
            let overlay = try TextOverlay(try cut(size, [TimedWord(text, start: 0, end: 1.5)], style, titles: titles))
            for number in [1, 20] {
                let places = try ink(try drawn(overlay, size, number))
                #expect(places.count < 320 * 180 / 4)
                #expect(places.allSatisfy { $0.x >= 8 && $0.x < 312 && $0.y >= 6 && $0.y < 176 })
            }
        }
    }

    @Test func `comes and goes with a title, which stands above the captions`() throws {
        for size in [Self.horizontal, Self.vertical, Self.square] {
            for kind in Title.Kind.allCases {
                let long =
                    "An exceptionally long name of somebody important, with many, many words that can't all be shown"
                let cut = try cut(
                    size, spoken("one two three four five six seven eight"),
                    titles: [Title(kind, long, detail: long, frames: 10..<80)])
                let (with, without) = (
                    try TextOverlay(cut),
                    try TextOverlay(try self.cut(size, spoken("one two three four five six seven eight")))
                )
                func count(_ overlay: TextOverlay, _ number: Int) throws -> Int {
                    try ink(try drawn(overlay, size, number)).count
                }
                #expect(try count(with, 9) == count(without, 9))
                #expect(try count(with, 45) > count(without, 45) + 80)
                #expect(try count(with, 80) == count(without, 80))
                let renderer = try AssRenderer(size)
                let writer = TitleWriter(cut, renderer: renderer)
                let box = try #require(try inkBox(try writer.script(for: writer.moments(at: 45)), renderer))
                #expect(box.left > 0 && box.right < size.width && box.top > 0)
                let captions = CaptionDesign(.quiet, in: size)
                #expect(Double(box.bottom) < captions.middle(ofLine: 0, of: 2))
            }
        }
    }

    @Test(arguments: styles)
    func `is the same when FFmpeg draws the script`(style: CaptionStyle) throws {
        let size = Self.horizontal
        let cut = try cut(
            size, spoken("one two three four"), style,
            titles: [Title(.lowerThird, "A name", detail: "A place", frames: 5..<60)])
        let workshop = try Workshop()
        let script = workshop.path("overlay.ass")
        try Data(try cut.overlayScript.utf8).write(to: URL(filePath: script))
        let bytes = [UInt8](
            try workshop.run(
                "ffmpeg", "-f", "lavfi", "-i", "color=black:s=320x180:r=30:d=2,format=yuv420p", "-vf", "ass=\(script)",
                "-f", "rawvideo", "-pix_fmt", "gray", "-"))
        let overlay = try TextOverlay(cut)
        for number in [2, 9, 22, 40] {
            let frame = try drawn(overlay, size, number)
            let luma = try #require(frame.plane(0))
            defer { withExtendedLifetime(frame) {} }
            var (difference, ours, other) = (0, 0, 0)
            for y in 0..<180 {
                for x in 0..<320 {
                    // FFmpeg gives gray in full range.
                    let theirs = 16 + Int(bytes[number * 320 * 180 + y * 320 + x]) * 219 / 255
                    difference += abs(Int(luma.samples[y * luma.stride + x]) - theirs)
                    if luma.samples[y * luma.stride + x] > 60 { ours += 1 }
                    if theirs > 60 { other += 1 }
                }
            }
            #expect(
                Double(difference) / (320 * 180) < 0.5, "frame \(number): \(ours) bright pixels, FFmpeg has \(other)")
        }
    }
}
