package import Feeds
package import Production

/// An item that is to be told, for writers that don't only extract: its text, free of markup and of the machinery of web pages,
/// and what a video must say about where it comes from.
package struct SourceStory: Sendable {
    package struct Paragraph: Sendable, Equatable {
        /// What stands above it; nil where nothing does.
        package var heading: String?
        package var sentences: [String]
    }

    package struct Picture: Sendable, Equatable {
        package let file: String
        /// The sentence it belongs to.
        package let sentence: String
    }

    /// What extraction makes of it.
    package let extract: Storyboard
    package let paragraphs: [Paragraph]
    /// The channel's own, in the source's order.
    package let pictures: [Picture]
    /// Spoken words.
    package let words: Int
    /// The sentence that says where the story comes from, in the channel's language; nil if the source has no name.
    package let attribution: String?
    /// The publication's, the author's and the site's name, as far as they are known.
    package let names: [String]

    private let item: FeedItem
    private let feed: Feed
    private let label: String

    /// Nil for an item without enough text.
    package init?(item: FeedItem, feed: Feed, channel: Channel) {
        guard let extract = StoryboardExtract(item: item, feed: feed, channel: channel)?.storyboard else { return nil }
        let article = Article(item, language: channel.language)
        var paragraphs: [Paragraph] = []
        var (place, section): (Int?, Int?) = (nil, nil)
        for sentence in article.sentences {
            if sentence.paragraph == place, !paragraphs.isEmpty {
                paragraphs[paragraphs.count - 1].sentences.append(sentence.text)
            } else {
                let isNew = sentence.heading != section
                paragraphs.append(
                    Paragraph(
                        heading: isNew ? sentence.heading.map { article.headings[$0] } : nil, sentences: [sentence.text]
                    ))
                (place, section) = (sentence.paragraph, sentence.heading)
            }
        }
        self.extract = extract
        self.paragraphs = paragraphs
        pictures = article.pictures.compactMap { picture in
            let place = min(picture.anchor, article.sentences.count - 1)
            return place < 0 ? nil : Picture(file: picture.file, sentence: article.sentences[place].text)
        }
        words = article.words
        label = LanguageWords.of(channel.language).sourceLabel
        let name = StoryboardExtract.sourceName(item, feed)
        attribution = name.map { StoryboardExtract.ended(LanguageWords.of(channel.language).sourceLabel + $0) }
        names = [feed.title, item.author, name].compactMap(\.self)
        (self.item, self.feed) = (item, feed)
    }

    package var title: String { item.title }
    package var source: Storyboard.Source { extract.source }

    /// A summary with the attribution and the link below it, within YouTube's limit.
    package func description(_ summary: String) -> String {
        VideoText.description([summary], of: item, feed: feed, label: label)
    }
}
