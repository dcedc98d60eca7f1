/// The script stage's result: all that is said and shown, in order. An artifact, as JSON.
package struct Storyboard: Sendable, Equatable, Codable {
    package struct Scene: Sendable, Equatable, Codable {
        package enum Kind: String, Sendable, Codable { case opening, body, closing }

        package var kind: Kind
        /// What is said: plain sentences, no markup.
        package var narration: String
        /// A few words to show on the picture; empty for none.
        package var heading: String
        /// What to show.
        package var picture: PictureBrief
        /// What to show after it, in this order, as far as the scene is long enough; nil for nothing.
        package var further: [PictureBrief]?
        /// What the narration begins or ends with, word for word, that other videos of the channel say too: its greeting, its
        /// source's name, its farewell. In order; empty for nothing; nil in a storyboard that does not know.
        package var phrases: [String]?

        package init(
            kind: Kind, narration: String, heading: String, picture: PictureBrief, further: [PictureBrief]? = nil,
            phrases: [String]? = nil
        ) {
            (self.kind, self.narration, self.heading, self.picture) = (kind, narration, heading, picture)
            (self.further, self.phrases) = (further, phrases)
        }
    }

    /// Where the story comes from. Shown in the description; `key` keeps the item from being used twice.
    package struct Source: Sendable, Equatable, Codable {
        /// Stable and unique within the channel: a feed's guid or id, else the link, else a hash of the text.
        package var key: String
        package var title: String
        /// Absolute http(s) URL, where the source gives one.
        package var link: String?
        package var author: String?

        package init(key: String, title: String, link: String?, author: String?) {
            (self.key, self.title, self.link, self.author) = (key, title, link, author)
        }
    }

    /// Layout of this JSON; raised when a reader of the old one could misread the new.
    package var version: Int
    package var title: String
    /// With attribution and link.
    package var description: String
    package var tags: [String]
    /// BCP 47
    package var language: String
    package var source: Source
    package var scenes: [Scene]

    package init(
        title: String, description: String, tags: [String], language: String, source: Source, scenes: [Scene]
    ) {
        version = 1
        (self.title, self.description, self.tags) = (title, description, tags)
        (self.language, self.source, self.scenes) = (language, source, scenes)
    }

    /// YouTube's limits (`videos` resource: snippet.title, snippet.description), in characters, and free of `<` and `>`.
    package static let titleLimit = 100
    package static let descriptionLimit = 5_000
    /// All tags together.
    package static let tagsLimit = 500
}

/// What a scene shows: the channel's own picture if there is one, else something found or made for the words.
package struct PictureBrief: Sendable, Equatable, Codable {
    /// A few words that say what fits; also the seed of generated art.
    package var about: String
    /// Path of a picture or a film of the channel's own; nil when none fits.
    package var file: String?

    package init(about: String, file: String? = nil) { (self.about, self.file) = (about, file) }
}
