import Feeds
import Production

/// What stands beside the video: title, description, tags, within YouTube's limits.
package enum VideoText {
    /// The title, cut at a word if it is too long.
    package static func title(_ title: String) -> String { cut(shown(title), Storyboard.titleLimit) }

    /// Summary, then where the story comes from.
    static func description(_ summary: [String], of item: FeedItem, feed: Feed, label: String) -> String {
        let names = [item.author, feed.title].compactMap(\.self).map(shown).filter { !$0.isEmpty }
        let about = names.enumerated().filter { place, name in names.firstIndex(of: name) == place }.map(\.element)
        let title = shown(item.title)
        let origin = [title.isEmpty ? "" : "“\(cut(title, 300))”", cut(about.joined(separator: ", "), 300)]
            .filter { !$0.isEmpty }.joined(separator: " – ")
        let link = item.link.map { $0.utf16.count <= 2_000 ? shown($0) : "" } ?? ""
        let attribution = [origin.isEmpty ? "" : label + origin, link].filter { !$0.isEmpty }.joined(separator: "\n")
        let room = Storyboard.descriptionLimit - attribution.utf16.count - 2
        return [cut(shown(summary.joined(separator: " ")), min(room, 1_500)), attribution].filter { !$0.isEmpty }
            .joined(separator: "\n\n")
    }

    /// Lower case, each once, the first the most telling.
    package static func tags(_ candidates: [String]) -> [String] {
        var (tags, length): ([String], Int) = ([], 0)
        for candidate in candidates {
            let bare = candidate.filter { !"<>,\"#".contains($0) }.collapsingWhitespace().lowercased()
            let tag = String(String.UnicodeScalarView(bare.unicodeScalars.filter { !SpokenText.isSilent($0) }))
                .collapsingWhitespace()
            // Two more for the quotes that YouTube counts around a tag with spaces, one for the comma.
            let cost = tag.utf16.count + 3
            guard (2...40).contains(tag.count), !tags.contains(tag), tags.count < 15 else { continue }
            guard length + cost <= Storyboard.tagsLimit else { break }
            tags.append(tag)
            length += cost
        }
        return tags
    }

    /// One line, without control characters and without the angle brackets that YouTube refuses.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F: scalar.properties.isWhitespace
            case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFC: false
            default: true
            }
        }
        return String(String.UnicodeScalarView(scalars)).replacing("<", with: "‹").replacing(">", with: "›")
            .collapsingWhitespace()
    }

    /// At most `limit` UTF-16 units, which is how YouTube counts; cut at a word where there is one, with "…".
    static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf16.count > limit else { return text }
        guard limit > 1 else { return "" }
        var kept = ""
        for character in text {
            guard kept.utf16.count + character.utf16.count <= limit - 1 else { break }
            kept.append(character)
        }
        let isAtWord = text.dropFirst(kept.count).first?.isWhitespace == true
        if !isAtWord, let space = kept.lastIndex(where: \.isWhitespace), kept[..<space].utf16.count > limit / 2 {
            kept = String(kept[..<space])
        }
        while let last = kept.last, last.isWhitespace || ",;:–—-(".contains(last) { kept.removeLast() }
        return kept + "…"
    }
}
