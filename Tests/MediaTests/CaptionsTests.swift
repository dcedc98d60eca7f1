import Media
import Testing

@Suite struct `The captions` {
    private func spoken(_ text: String, pace: Double = 0.3) -> [TimedWord] {
        text.split(separator: " ").enumerated().map {
            TimedWord(String($1), start: Double($0) * pace, end: Double($0) * pace + pace * 0.9)
        }
    }

    static let prose = """
        The engines stopped, the dust settled, and a quiet voice told the world that the Eagle had landed. Nobody who \
        heard it would forget where they were. It was late in Europe, early in Asia; for one evening the planet watched \
        the same small window.
        """

    @Test(arguments: [42, 20, 8])
    func `have at most two lines of the length asked for, and every word once`(length: Int) {
        let captions = Captions(spoken(Self.prose), lineLength: length)
        #expect(captions.pages.allSatisfy { (1...2).contains($0.lines.count) })
        #expect(captions.pages.flatMap(\.text).allSatisfy { $0.count <= length })
        let words = captions.pages.flatMap { $0.lines.flatMap { $0.map(\.text) } }
        #expect(words.joined() == Self.prose.filter { $0 != " " })
    }

    @Test func `end where sentences end`() {
        let captions = Captions(spoken(Self.prose))
        let ends = captions.pages.compactMap { $0.text.last?.last }
        #expect(ends.filter { $0 == "." }.count == 3)
        #expect(
            captions.pages.allSatisfy { page in
                page.text.joined(separator: " ").dropLast().allSatisfy { $0 != "." }
            })
    }

    @Test func `follow each other without overlap`() {
        let pages = Captions(spoken(Self.prose)).pages
        #expect(pages.count > 2)
        #expect(zip(pages, pages.dropFirst()).allSatisfy { $0.end <= $1.start })
        #expect(pages.allSatisfy { $0.start < $0.end })
    }

    @Test func `break what is written without spaces into phrases, and never before a closing mark`() {
        let text = "日本語の字幕は、長い文でも切れません。「はい」と言った。"
        let captions = Captions([TimedWord(text, start: 0, end: 6)], lineLength: 12)
        let lines = captions.pages.flatMap(\.text)
        #expect(lines.joined() == text)
        #expect(lines.count > 3)
        #expect(lines.allSatisfy { $0.count <= 6 })
        #expect(lines.allSatisfy { !"、。」っん".contains($0.first ?? "。") && $0.last != "「" })
        let words = captions.pages.flatMap { $0.lines.flatMap { $0 } }
        #expect(words.first?.start == 0 && words.last?.end == 6)
        #expect(words.map(\.text).prefix(2) == ["日本語の", "字幕は、"])
        #expect(zip(words, words.dropFirst()).allSatisfy { $0.end == $1.start && $0.start < $0.end })
        let ending = Captions([TimedWord("窓を見つめていました。", start: 0, end: 2)])
        #expect(ending.pages.flatMap(\.lines).joined().map(\.text) == ["窓を", "見つめていました。"])
    }

    @Test func `are written as SubRip`() {
        let words = [TimedWord("Hello,", start: 0.5, end: 1), TimedWord("--> world.", start: 1, end: 1.75)]
        let later = TimedWord("Later.", start: 3662, end: 3662.5)
        #expect(
            Captions(words + [later]).srt == """
                1
                00:00:00,500 --> 00:00:02,250
                Hello, → world.

                2
                01:01:02,000 --> 01:01:03,000
                Later.


                """)
    }

    @Test func `are written as WebVTT, in which nothing is markup`() {
        let words = [
            TimedWord("<i>A", start: 0.5, end: 1), TimedWord("&amp;", start: 1, end: 1.5),
            TimedWord("-->", start: 1.5, end: 1.75),
        ]
        #expect(
            Captions(words).webVTT == """
                WEBVTT

                00:00:00.500 --> 00:00:02.250
                &lt;i&gt;A &amp;amp; --&gt;


                """)
        #expect(Captions([]).webVTT == "WEBVTT\n\n")
    }

    @Test func `are none without words`() {
        #expect(Captions([]).pages.isEmpty)
        #expect(Captions([TimedWord(" \n", start: 0, end: 1)]).srt == "")
    }
}
