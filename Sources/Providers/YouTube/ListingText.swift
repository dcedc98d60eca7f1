import FoundationEssentials
import Production

/// What stands beside a video on YouTube, within its limits (`videos` resource). What is too long is shortened, never refused.
enum ListingText {
    /// At most 100 characters, counted as UTF-16 does, which is never less than any other way.
    static func title(_ text: String) -> String {
        let title = cut(shown(text, lines: false), 100) { $0.utf16.count }
        return title.isEmpty ? "Untitled" : title
    }

    /// The description with its chapters, at most 5,000 **bytes**. Chapters go first where that is too much; then the middle: the
    /// last paragraph says where the story comes from, and stays, as do those whose work is shown.
    static func description(of publication: Publication) -> String {
        let whole = shown(publication.description, lines: true)
        if whole.utf8.count <= 5_000 { return whole }
        let words = shown(publication.storyboard.description, lines: true)
        guard !publication.credits.isEmpty else { return shortened(words, to: 5_000) }
        let credits =
            "\n\n" + cut(shown(publication.credits.joined(separator: "\n"), lines: true), 4_000) { $0.utf8.count }
        return shortened(words, to: 5_000 - credits.utf8.count) + credits
    }

    static func shortened(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var (text, end) = (text, "")
        if let gap = text.ranges(of: "\n\n").last, text[gap.upperBound...].utf8.count <= limit / 2 {
            end = String(text[gap.lowerBound...])
            text = String(text[..<gap.lowerBound])
        }
        return cut(text, limit - end.utf8.count) { $0.utf8.count } + end
    }

    /// The marker, then as many tags as 500 characters hold the way YouTube counts: with the commas between them, and two quotes
    /// around each that has a space.
    static func tags(_ tags: [String], marker: String) -> [String] {
        var (kept, length) = ([marker], cost(of: marker))
        for tag in tags {
            let bare = shown(tag, lines: false).filter { !"‹›,\"".contains($0) }
            let cost = cost(of: bare) + 1
            guard !bare.isEmpty, !kept.contains(bare), length + cost <= 500 else { continue }
            kept.append(bare)
            length += cost
        }
        return kept
    }

    private static func cost(of tag: String) -> Int { tag.utf16.count + (tag.contains(" ") ? 2 : 0) }

    /// Without control characters, and with other marks for `<` and `>`, which YouTube refuses.
    private static func shown(_ text: String, lines: Bool) -> String {
        let scalars = text.replacing("\r\n", with: "\n").unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar {
            case "<": "‹"
            case ">": "›"
            case "\n" where lines: scalar
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": " "
            default: scalar
            }
        }
        let clean = String(String.UnicodeScalarView(scalars))
        guard !lines else { return clean }
        return clean.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Cut at a word where there is one in the last half, with "…".
    private static func cut(_ text: String, _ limit: Int, count: (String) -> Int) -> String {
        guard count(text) > limit else { return text }
        let room = limit - count("…")
        var (kept, length) = ("", 0)
        for character in text {
            length += count(String(character))
            guard length <= room else { break }
            kept.append(character)
        }
        let isAtWord = text.dropFirst(kept.count).first?.isWhitespace == true
        if !isAtWord, let space = kept.lastIndex(where: \.isWhitespace), count(String(kept[..<space])) > limit / 2 {
            kept = String(kept[..<space])
        }
        while let last = kept.last, last.isWhitespace || ",;:–—-(".contains(last) { kept.removeLast() }
        return kept + "…"
    }
}
