import Feeds
import FoundationEssentials
import Production

/// Makes one item's storyboard.
struct StoryboardExtract {
    /// Below this, in words, there is nothing to make a video of.
    static let fewestWords = 25
    /// A longer title is shown, not spoken.
    private static let longestSpokenTitle = 14

    let storyboard: Storyboard

    /// Nil for an item without enough text.
    init?(item: FeedItem, feed: Feed, channel: Channel) {
        let article = Article(item, language: channel.language)
        guard article.words >= Self.fewestWords else { return nil }
        let vocabulary = LanguageWords.of(channel.language)
        let headline = Headline(language: channel.language, frequencies: article.frequencies)

        let scores = SentenceScores(article)
        let title = item.title.contains { $0.isLetter || $0.isNumber } ? item.title : article.sentences[0].text
        let spoken = Self.spokenTitle(item.title, article, channel.language)
        let name = Self.sourceName(item, feed)
        let attribution = name.map { vocabulary.sourceLabel + Self.ended($0) }
        let bodyScenes = SpokenLength.bodyScenes(words: SpokenLength.words(seconds: channel.length, scenes: 8) - 60)
        let budget = SpokenLength.words(seconds: channel.length, scenes: bodyScenes + 2)
        let extra = [spoken, attribution, channel.brief.greeting, channel.brief.farewell].compactMap(\.self)
            .reduce(0) { $0 + $1.split(separator: " ").count }
        guard let selection = Selection(article, scores: scores, budget: budget, extra: extra) else { return nil }

        let body = SceneCuts.groups(of: selection.body, in: article, count: bodyScenes)
        var scenes = [Self.Draft(.opening, selection.opening, before: spoken)]
        scenes += body.map { Draft(.body, $0) }
        if !selection.closing.isEmpty || attribution != nil {
            scenes.append(Draft(.closing, selection.closing, behind: attribution))
        }
        storyboard = Storyboard(
            title: VideoText.title(title),
            description: VideoText.description(
                Self.summary(selection, article, scores), of: item, feed: feed, label: vocabulary.sourceLabel),
            tags: VideoText.tags(Self.tags(item.title, article, vocabulary)), language: channel.language,
            source: .init(key: item.key, title: item.title, link: item.link, author: item.author),
            scenes: Self.finished(
                scenes, article: article, title: item.title, name: name, vocabulary: vocabulary, headline: headline)
        ).framed(by: channel.brief)
    }

    // MARK: Scenes

    private struct Draft {
        let kind: Storyboard.Scene.Kind
        let sentences: [Int]
        var before: String?
        var behind: String?

        init(_ kind: Storyboard.Scene.Kind, _ sentences: [Int], before: String? = nil, behind: String? = nil) {
            (self.kind, self.sentences, self.before, self.behind) = (kind, sentences, before, behind)
        }
    }

    private static func finished(
        _ drafts: [Draft], article: Article, title: String, name: String?, vocabulary: LanguageWords, headline: Headline
    ) -> [Storyboard.Scene] {
        var used: Set<String> = []
        var headings: Set<Int> = []
        let pictures = pictures(for: drafts, article)
        return drafts.enumerated().map { index, draft in
            let told = draft.sentences.map { article.sentences[$0].text }
            let narration = ([draft.before] + told.map(Optional.some) + [draft.behind]).compactMap(\.self).joined(
                separator: " ")
            let text = told.isEmpty ? narration : told.joined(separator: " ")
            let section = draft.sentences.first.flatMap { article.sentences[$0].heading }
            let heading: String
            switch draft.kind {
            case .opening:
                heading =
                    short(SpokenText.clean(title)) ?? titleStart(SpokenText.clean(title))
                    ?? headline.phrase(in: text, avoiding: []) ?? ""
            case .body:
                if let section, headings.insert(section).inserted, let words = short(article.headings[section]) {
                    heading = words
                } else {
                    heading = headline.phrase(in: text, avoiding: used) ?? ""
                }
            case .closing:
                heading =
                    name.flatMap { short(vocabulary.sourceLabel + $0) ?? short($0) } ?? headline.phrase(
                        in: text, avoiding: used) ?? ""
            }
            used.formUnion(Terms.of(heading, vocabulary))
            let about = KeyWords.of(text, count: 5, vocabulary, article.frequencies).joined(separator: " ")
            return Storyboard.Scene(
                kind: draft.kind, narration: narration, heading: heading,
                picture: PictureBrief(about: about.isEmpty ? String(text.prefix(60)) : about, file: pictures[index]),
                phrases: draft.behind.map { [$0] } ?? [])
        }
    }

    /// What stands before a colon, a dash or an "and" of a title, if it is a title by itself.
    private static func titleStart(_ title: String) -> String? {
        for mark in [": ", " – ", " — ", "? ", " | ", " (", ", ", " and ", " und ", " et ", " y ", " e ", " en "] {
            guard let range = title.firstRange(of: mark) else { continue }
            let start = title[..<range.lowerBound]
            let count = start.split(separator: " ").count
            if (3...Headline.longest).contains(count), start.count <= 60 {
                return mark == "? " ? start + "?" : String(start)
            }
        }
        return nil
    }

    /// A heading that is short enough to show, without the full stop at its end; nil if it is not.
    private static func short(_ heading: String) -> String? {
        let words = heading.split(separator: " ")
        guard (1...Headline.longest).contains(words.count), heading.count <= 60, heading.contains(where: \.isLetter)
        else { return nil }
        return heading.last == "." ? String(heading.dropLast()) : heading
    }

    /// Files by scene: each picture goes to the scene that tells its paragraph, else to the nearest one that has none.
    private static func pictures(for drafts: [Draft], _ article: Article) -> [Int: String] {
        var files: [Int: String] = [:]
        for picture in article.pictures {
            let place = picture.anchor
            let nearest = drafts.indices.filter { files[$0] == nil && !drafts[$0].sentences.isEmpty }.min { one, two in
                distance(place, drafts[one].sentences) < distance(place, drafts[two].sentences)
            }
            if let nearest { files[nearest] = picture.file }
        }
        return files
    }

    private static func distance(_ place: Int, _ sentences: [Int]) -> Int {
        sentences.map { abs($0 - place) }.min() ?? .max
    }

    // MARK: Words around the scenes

    /// The title as a sentence; nil where it can't be spoken, or the text begins with it anyway.
    private static func spokenTitle(_ title: String, _ article: Article, _ language: String) -> String? {
        let clean = SpokenText.clean(title)
        let words = clean.split(separator: " ").count
        let isForeign =
            SpokenText.isRightToLeft(clean)
            && !["ar", "fa", "he", "ur", "yi"].contains(language.lowercased().prefix(2))
        guard words > 0, words <= longestSpokenTitle, !isForeign, SpokenText.isSpeakable(clean), !clean.hasSuffix("…")
        else { return nil }
        let letters = clean.lowercased().filter(\.isLetter)
        guard letters.count > 1, !article.sentences[0].text.lowercased().filter(\.isLetter).hasPrefix(letters) else {
            return nil
        }
        return ended(clean)
    }

    static func ended(_ text: String) -> String {
        text.last.map { ".!?…".contains($0) } == true ? text : text + "."
    }

    /// Whom the story comes from: the publication, else the author, else the site.
    static func sourceName(_ item: FeedItem, _ feed: Feed) -> String? {
        let host = item.link.flatMap { URL(string: $0)?.host() }.map {
            $0.hasPrefix("www.") ? String($0.dropFirst(4)) : $0
        }
        return [feed.title, item.author, host].lazy.compactMap(\.self).map(SpokenText.clean)
            .first { $0.contains(where: \.isLetter) && !$0.contains(SpokenText.gap) && $0.count <= 80 }
    }

    /// The opening and the two best sentences that stand by themselves.
    private static func summary(_ selection: Selection, _ article: Article, _ scores: SentenceScores) -> [String] {
        let alone = selection.body.filter { !article.sentences[$0].pointsBack }
        let best = alone.sorted { scores[$0] > scores[$1] }.prefix(2).sorted()
        return (selection.opening + best).map { article.sentences[$0].text }
    }

    private static func tags(_ title: String, _ article: Article, _ vocabulary: LanguageWords) -> [String] {
        let text = article.sentences.prefix(400).map(\.text).joined(separator: " ")
        let words = KeyWords.of(text, count: 10, vocabulary, article.frequencies)
        let ranked = words.sorted {
            (article.frequencies[Terms.stem($0.lowercased())] ?? 0)
                > (article.frequencies[Terms.stem($1.lowercased())] ?? 0)
        }
        // A heading that only makes sense in its place is no tag.
        let headings = article.headings.map { $0.filter { $0.isLetter || $0.isNumber || $0.isWhitespace || $0 == "-" } }
            .filter { heading in
                let words = heading.lowercased().split(separator: " ")
                return (1...3).contains(words.count) && !words.contains { vocabulary.stop.contains(String($0)) }
            }
        let titleWords = KeyWords.of(SpokenText.clean(title), count: 3, vocabulary, article.frequencies)
        return titleWords + ranked + headings
    }
}
