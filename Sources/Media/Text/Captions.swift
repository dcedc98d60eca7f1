/// Words grouped into what a reader takes in at once.
public struct Captions: Sendable, Hashable {
    /// What is on the screen at one time: one or two lines.
    public struct Page: Sendable, Hashable, Codable {
        public var lines: [[TimedWord]]
        /// Seconds, on the clock of the words: the video's, where they are a cut's.
        public var start: Double
        public var end: Double

        /// The lines as they are read.
        public var text: [String] { lines.map(\.joined) }
    }

    public let pages: [Page]
    /// How they look in the video. Files of subtitles have no look.
    public let style: CaptionStyle

    /// Groups `words` as a style needs it in a frame: at most two lines to a page, broken where phrases end.
    public init(_ words: [TimedWord], style: CaptionStyle, in frame: FrameSize) {
        let design = CaptionDesign(style, in: frame)
        self.init(
            words, style: style, lineLength: design.lineLength, mostWords: design.mostWords,
            leastSeconds: design.leastSeconds)
    }

    /// Groups `words`, at most two lines to a page, broken where phrases end.
    ///
    /// - Parameter lineLength: characters in a line, 8 to 60; a wide character (CJK, emoji) counts as two. 42 is the
    ///   subtitling convention; a vertical video has room for about 20. A longer word is cut.
    public init(_ words: [TimedWord], lineLength: Int = 42) {
        self.init(words, style: .quiet, lineLength: lineLength, mostWords: .max, leastSeconds: 0.8)
    }

    private init(
        _ words: [TimedWord], style: CaptionStyle, lineLength: Int, mostWords: Int, leastSeconds: Double
    ) {
        self.style = style
        let length = min(max(lineLength, 8), 60)
        let words = words.flatMap { Self.pieces(of: $0, length: length) }
        var pages = PageBreaker(
            words: words, lineLength: length, mostWords: mostWords, leastSeconds: leastSeconds
        ).pages()
        for index in pages.indices {
            // A page stays until the next one when that comes soon: a caption that blinks off and on is restless.
            let next = index + 1 < pages.count ? pages[index + 1].start : .infinity
            pages[index].end = next - pages[index].end < 1 ? next : min(next, pages[index].end + 0.5)
        }
        self.pages = pages
    }

    /// Characters of the ``CaptionStyle/quiet`` style that fit into a line of a frame, at most 42.
    public static func lineLength(in frame: FrameSize) -> Int { CaptionDesign(.quiet, in: frame).lineLength }

    /// The word with nothing in it that isn't shown, split where it has no spaces but needs them, and where it is longer than
    /// a line. Time is shared by length; punctuation takes none.
    private static func pieces(of word: TimedWord, length: Int) -> [TimedWord] {
        let text = word.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .filter { !$0.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
        guard !text.isEmpty else { return [] }
        let parts =
            PhraseSplitter.applies(to: text)
            ? PhraseSplitter.pieces(of: text, length: length) : PhraseSplitter.cut(text, length: length)
        let weights = parts.map { part in
            Double(TextWidth.columns(part.filter { $0.isLetter || $0.isNumber })) + 0.01
        }
        let share = (word.end - word.start) / weights.reduce(0, +)
        var start = word.start
        return zip(parts, weights).enumerated().map { index, part in
            let end = index == parts.count - 1 ? word.end : start + share * part.1
            defer { start = end }
            return TimedWord(part.0, start: start, end: end, isAttached: index > 0 || word.isAttached)
        }
    }
}

extension Captions: Codable {
    private enum Key: CodingKey { case pages, style }

    /// Captions without a style are from a program that had only one.
    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        pages = try values.decode([Page].self, forKey: .pages)
        style = try values.decodeIfPresent(CaptionStyle.self, forKey: .style) ?? .quiet
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(pages, forKey: .pages)
        try values.encode(style, forKey: .style)
    }
}
