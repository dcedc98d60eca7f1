extension [Chapter] {
    /// The lines that make YouTube show chapters, for a video's description; empty where YouTube would not take them: the
    /// first begins at 00:00, there are at least three, in ascending order, and each lasts 10 seconds or longer
    /// (YouTube Help, "Video chapters", support.google.com/youtube/answer/9884579).
    ///
    /// - Parameter duration: the video's, in seconds: the last chapter's end.
    public func youTubeDescription(duration: Double) -> String {
        let starts = map { $0.start.rounded(.down) }
        guard count >= 3, starts.first == 0, starts.allSatisfy(\.isFinite), duration.isFinite,
            zip(starts, starts.dropFirst() + [duration]).allSatisfy({ $1 - $0 >= 10 })
        else { return "" }
        let isLong = duration >= 3600
        let lines = zip(starts, self).map { start, chapter in
            // A line has one time, and the text of it one line. YouTube refuses descriptions with angle brackets.
            let title = chapter.title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                .filter { $0 != "<" && $0 != ">" }
            return "\(Self.clock(Int(start), isLong: isLong)) \(title)"
        }
        return lines.allSatisfy { $0.last != " " } ? lines.joined(separator: "\n") : ""
    }

    /// `01:02`, or `1:01:02`.
    private static func clock(_ seconds: Int, isLong: Bool) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let rest = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return isLong ? "\(seconds / 3600):\(rest)" : rest
    }
}
