/// Words grouped into what a reader takes in at once.
public struct Captions: Sendable, Hashable {
    /// What is on the screen at one time: one or two lines.
    public struct Page: Sendable, Hashable {
        public var lines: [[TimedWord]]
        /// Seconds, on the clock of the words.
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

    /// The pages as SubRip text. `offset` seconds are added to each time: a video's lead-in.
    public func srt(offset: Double = 0) -> String {
        var text = ""
        for (index, page) in pages.enumerated() {
            // An arrow inside a caption would read as another time line.
            let lines = page.text.map { $0.replacing("-->", with: "→") }.joined(separator: "\n")
            text +=
                "\(index + 1)\n\(Self.clock(page.start + offset)) --> \(Self.clock(page.end + offset))\n\(lines)\n\n"
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
