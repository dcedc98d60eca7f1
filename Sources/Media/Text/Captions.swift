/// Words grouped into what a reader takes in at once.
public struct Captions: Sendable, Hashable, Codable {
    /// What is on the screen at one time: one or two lines.
    public struct Page: Sendable, Hashable, Codable {
        public var lines: [[TimedWord]]
        /// Seconds, on the clock of the words: the video's, where they are a cut's.
        public var start: Double
        public var end: Double

        /// The lines as they are read.
        public var text: [String] { lines.map { $0.map(\.text).joined(separator: " ") } }
    }

    public let pages: [Page]

    /// Groups `words`, at most two lines to a page, broken where phrases end.
    ///
    /// - Parameter lineLength: characters in a line, 8 to 60; a wide character (CJK, emoji) counts as two. 42 is the
    ///   subtitling convention; a vertical video has room for about 20. A longer word is cut.
    public init(_ words: [TimedWord], lineLength: Int = 42) {
        let length = min(max(lineLength, 8), 60)
        let words = words.flatMap { Self.pieces(of: $0, length: length) }
        var pages = PageBreaker(words: words, lineLength: length).pages()
        for index in pages.indices {
            // A page stays until the next one when that comes soon: a caption that blinks off and on is restless.
            let next = index + 1 < pages.count ? pages[index + 1].start : .infinity
            pages[index].end = next - pages[index].end < 1 ? next : min(next, pages[index].end + 0.5)
        }
        self.pages = pages
    }

    /// Of the frame's width, on each side.
    static let sideMargin = 0.07

    /// Pixels. libass sizes a font by its line, about 1.21 ems: letters (their em) are 4.5 to 5.5 percent of the height.
    static func letterSize(in frame: FrameSize) -> Double {
        Double(frame.height) * (frame.isVertical ? 0.054 : 0.066)
    }

    /// Characters that fit between the side margins of a frame, at most 42.
    public static func lineLength(in frame: FrameSize) -> Int {
        min(42, Int(Double(frame.width) * (1 - 2 * sideMargin) / (letterSize(in: frame) * 0.84 * 0.58)))
    }

    /// The word with nothing in it that isn't shown, cut where it is longer than a line. Time is shared by length.
    private static func pieces(of word: TimedWord, length: Int) -> [TimedWord] {
        let text = word.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .filter { !$0.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
        guard !text.isEmpty else { return [] }
        guard TextWidth.columns(text) > length else { return [TimedWord(text, start: word.start, end: word.end)] }
        var parts = [""]
        for character in text {
            if TextWidth.columns(parts[parts.count - 1]) + TextWidth.columns(character) > length { parts.append("") }
            parts[parts.count - 1].append(character)
        }
        let share = (word.end - word.start) / Double(parts.count)
        return parts.enumerated().map { index, part in
            TimedWord(
                part, start: word.start + share * Double(index), end: word.start + share * Double(index + 1))
        }
    }

    /// The pages as SubRip text.
    public var srt: String {
        var text = ""
        for (index, page) in pages.enumerated() {
            // An arrow inside a caption would read as another time line.
            let lines = page.text.map { $0.replacing("-->", with: "→") }.joined(separator: "\n")
            text +=
                "\(index + 1)\n\(Self.clock(page.start)) --> \(Self.clock(page.end))\n\(lines)\n\n"
        }
        return text
    }

    /// `00:01:02,345`.
    private static func clock(_ seconds: Double) -> String {
        let milliseconds = Int((max(0, seconds) * 1000).rounded())
        func padded(_ value: Int, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return padded(milliseconds / 3_600_000, 2) + ":" + padded(milliseconds / 60_000 % 60, 2) + ":"
            + padded(milliseconds / 1000 % 60, 2) + "," + padded(milliseconds % 1000, 3)
    }
}
