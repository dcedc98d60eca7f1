import Feeds

/// An item's text as sentences that can be spoken, with what is known of each.
struct Article {
    struct Sentence {
        var text: String
        /// Counts of spoken words, as the narration's time is measured by them.
        var words: Int
        /// Number of its paragraph, from 0; breaks between them are where scenes change best.
        var paragraph: Int
        /// Index into `headings`; nil above the first.
        var heading: Int?
        /// Points back to the sentence before, which must then be told too.
        var pointsBack: Bool
        var terms: [String]
    }

    struct Picture {
        var file: String
        /// Index of a sentence of the paragraph that it belongs to.
        var anchor: Int
    }

    private(set) var sentences: [Sentence] = []
    private(set) var headings: [String] = []
    private(set) var pictures: [Picture] = []
    /// How often each term occurs.
    private(set) var frequencies: [String: Int] = [:]

    var words: Int { sentences.reduce(0) { $0 + $1.words } }

    /// Longer texts than any article are cut, so that time is bounded.
    private static let mostSentences = 3_000

    init(_ item: FeedItem, language: String) {
        let vocabulary = LanguageWords.of(language)
        let splitter = Sentences(language: language)
        var paragraph = 0
        for passage in item.body.passages() {
            guard sentences.count < Self.mostSentences else { break }
            switch passage.kind {
            case .picture(let file):
                // It belongs to what it follows, unless a heading stands between.
                let follows =
                    sentences.last.map { $0.heading == (headings.isEmpty ? nil : headings.count - 1) } ?? false
                pictures.append(Picture(file: file, anchor: sentences.count - (follows ? 1 : 0)))
            case .heading:
                let heading = SpokenText.clean(passage.text)
                if !heading.isEmpty { headings.append(heading) }
            case .paragraph, .listItem:
                let isItem = passage.kind == .listItem
                let found = Self.sentences(in: SpokenText.clean(passage.text), isItem: isItem, splitter)
                for text in found {
                    let terms = Terms.of(text, vocabulary)
                    sentences.append(
                        Sentence(
                            text: text, words: text.split(separator: " ").count, paragraph: paragraph,
                            heading: headings.isEmpty ? nil : headings.count - 1,
                            pointsBack: BackReference.begins(text, vocabulary), terms: terms))
                    for term in terms { frequencies[term, default: 0] += 1 }
                }
                if !found.isEmpty { paragraph += 1 }
            }
        }
    }

    /// The sentences worth speaking: whole ones, no machinery of web pages.
    private static func sentences(in paragraph: String, isItem: Bool, _ splitter: Sentences) -> [String] {
        guard !Boilerplate.isParagraph(paragraph) else { return [] }
        return splitter.split(paragraph).flatMap { LongSentence.pieces(of: $0) }.compactMap { sentence in
            guard SpokenText.isSpeakable(sentence), !Boilerplate.isSentence(sentence), sentence.last != ":" else {
                return nil
            }
            let isWhole = sentence.contains { ".!?…。！？".contains($0) } && ends(sentence)
            // A feed that gives only the beginning of its articles breaks off in the middle of a sentence.
            if sentence.hasSuffix("…"), !isItem { return nil }
            if isWhole { return sentence }
            // A line without a full stop is a sentence if it is long enough, and a label if not.
            let words = sentence.split(separator: " ").count
            guard words >= (isItem ? 4 : 8), let last = sentence.last else { return nil }
            return last == "," || last == ";" ? sentence.dropLast() + "." : sentence + "."
        }
    }

    private static func ends(_ sentence: String) -> Bool {
        sentence.reversed().first { !"\"'”’»«)]“›‹".contains($0) }.map { ".!?…。！？".contains($0) } ?? false
    }
}
