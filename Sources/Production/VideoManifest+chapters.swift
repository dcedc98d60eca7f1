extension [VideoManifest.Chapter] {
    /// The lines of a description that make YouTube show chapters, `1:05 What follows`; none where YouTube would not take them:
    /// the first begins at 0:00, there are at least three, in ascending order, and each lasts 10 seconds or longer
    /// (YouTube Help, "Video chapters", https://support.google.com/youtube/answer/9884579).
    ///
    /// - Parameter duration: the video's, in seconds: where the last one ends.
    func lines(duration: Double) -> [String] {
        let starts = map { $0.start.rounded(.down) }
        guard count >= 3, starts.first == 0, starts.allSatisfy(\.isFinite), duration.isFinite,
            zip(starts, starts.dropFirst() + [duration]).allSatisfy({ $1 - $0 >= 10 })
        else { return [] }
        // A line has one time, and the text of it one line. YouTube refuses descriptions with angle brackets.
        let titles = map { chapter in
            chapter.title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                .filter { $0 != "<" && $0 != ">" }
        }
        guard titles.allSatisfy({ !$0.isEmpty }) else { return [] }
        return zip(self, titles).map { "\($0.clock) \($1)" }
    }
}
