/// Words grouped into what a reader takes in at once.
public struct Captions: Sendable, Hashable {
    /// What is on the screen at one time: one or two lines.
    public struct Page: Sendable, Hashable {
        public var lines: [[TimedWord]]
        /// Seconds, on the clock of the words.
        public var start: Double
        public var end: Double
    }

    public let pages: [Page]

    /// Groups `words`, at most two lines to a page, broken where phrases end.
    ///
    /// - Parameter lineLength: characters in a line, 8 to 60; a wide character (CJK, emoji) counts as two. 42 is the
    ///   subtitling convention; a vertical video has room for about 20.
    public init(_ words: [TimedWord], lineLength: Int = 42) {
        pages = []
    }

    /// The pages as SubRip text. `offset` seconds are added to each time: a video's lead-in.
    public func srt(offset: Double = 0) -> String { "" }
}
