package import FoundationEssentials

/// What a source holds: a feed's items, or one item for a text file, or one per file of a folder.
package struct Feed: Sendable {
    package enum Format: String, Sendable {
        case rss = "RSS"
        case rdf = "RSS 1.0"
        case atom = "Atom"
        case markdown = "Markdown"
        case text
    }

    package var format: Format
    /// The publication's own name; nil where it gives none.
    package var title: String?
    /// The publication's web page, absolute.
    package var link: String?
    /// In the source's order, each key once.
    package var items: [FeedItem]

    package init(format: Format, title: String?, link: String?, items: [FeedItem]) {
        (self.format, self.title, self.link, self.items) = (format, title, link, items)
    }
}

/// One article of a source.
package struct FeedItem: Sendable, Equatable {
    /// The feed's guid or id, else the link, else a hash of title and text.
    package var key: String
    /// Free of markup; may be empty.
    package var title: String
    /// Absolute http(s) address; nil where the source gives none.
    package var link: String?
    package var author: String?
    /// When it was published, else last changed; nil where the source gives no date that can be read.
    package var date: Date?
    package var body: ItemBody

    package init(key: String, title: String, link: String?, author: String?, date: Date?, body: ItemBody) {
        (self.key, self.title, self.link, self.author) = (key, title, link, author)
        (self.date, self.body) = (date, body)
    }
}
