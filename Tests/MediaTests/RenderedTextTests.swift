import Media
import Testing

@Suite struct `Text in a video` {
    let workshop: Workshop
    let video: String

    init() throws {
        workshop = try Workshop()
        video = workshop.path("video.mp4")
    }

    @Test func `is there while it is spoken, and only then`() async throws {
        let cut = try workshop.cut(
            words: [TimedWord("Hello", start: 0.5, end: 0.8), TimedWord("world", start: 0.8, end: 1.0)], seconds: 2.5)
        _ = try await VideoRenderer().render(cut, to: video)
        let frames = try workshop.frames(of: video)
        // Spoken from 1.0 to 1.5 seconds of the video, shown half a second longer.
        #expect([0, 15, 29].allSatisfy { frames[$0].bright.isEmpty })
        #expect([32, 40, 50, 58].allSatisfy { frames[$0].bright.count > 15 })
        #expect([62, 80, 104].allSatisfy { frames[$0].bright.isEmpty })
    }

    @Test func `lights the spoken word`() async throws {
        let cut = try workshop.cut(
            words: [TimedWord("Left", start: 0, end: 0.7), TimedWord("right", start: 0.7, end: 1.4)])
        _ = try await VideoRenderer().render(cut, to: video)
        let frames = try workshop.frames(of: video)
        func middleOfLit(_ frame: Picture) -> Double {
            let places = frame.places { $0.red > 200 && $0.blue < 140 }.filter { $0.y < 170 }
            return Double(places.map(\.x).reduce(0, +)) / Double(max(1, places.count))
        }
        #expect((100.0..<158).contains(middleOfLit(frames[25])))
        #expect((162.0..<220).contains(middleOfLit(frames[47])))
    }

    @Test func `leaves a vertical video's lower fifth free`() async throws {
        let size = try #require(FrameSize(width: 180, height: 320))
        let words = ["Several", "words", "that", "need", "more", "than", "one", "line"].enumerated().map {
            TimedWord($1, start: 0.15 * Double($0), end: 0.15 * Double($0 + 1))
        }
        _ = try await VideoRenderer().render(try workshop.cut(size: size, words: words), to: video)
        let frames = try workshop.frames(of: video, size: size)
        let places = stride(from: 0, to: frames.count, by: 9).flatMap { frames[$0].bright }
        #expect(places.count > 500)
        #expect(places.allSatisfy { $0.y < 256 && $0.y > 160 && $0.x > 8 && $0.x < 172 })
    }

    static let hostile = [
        "{\\p1}m 0 0 l 9999 0 9999 9999 0 9999", "{\\an5\\fs900}BIG", "\\N\\N\\N\\h\\n", "a\nDialogue: 0,0:00:00.00",
        "100%",
        "it's", "x:y,z;[w]=\"q\"", "\\", "{", "}", "👩‍👩‍👧‍👦🇺🇳❤️", "العربية", "עברית", "日本語の字幕は長い文でも切れません",
        "\u{202E}reversed\u{0}\u{7}", "%{expr}", String(repeating: "W", count: 300),
    ]

    @Test(arguments: hostile)
    func `is only text`(text: String) async throws {
        let scenes = [
            Workshop.Scene(
                picture: try workshop.flat("flat.ppm", Colour(0x305070)), frames: 0..<75, seed: 1, heading: text)
        ]
        let cut = try workshop.cut(title: text, scenes: scenes, words: [TimedWord(text, start: 0.6, end: 1.4)])
        let report = try await VideoRenderer().render(cut, to: video)
        #expect(report.frames == 75)
        let frames = try workshop.frames(of: video)
        #expect(frames.count == 75)
        // No drawing and no letter covers the picture: text is thin.
        let places = [5, 40, 55].map { frames[$0].bright }
        #expect(places.allSatisfy { $0.count < 320 * 180 / 6 })
        // Nothing stands outside the side margins but the progress line.
        let outside = places.joined().filter { ($0.x < 12 || $0.x > 308) && $0.y < 176 }
        #expect(outside.isEmpty)
    }
}
