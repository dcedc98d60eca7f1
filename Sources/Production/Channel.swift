package import FoundationEssentials

/// One of a user's channels: where its stories come from and how its videos look and sound.
package struct Channel: Sendable, Equatable, Identifiable {
    package typealias ID = Identifier<Channel>

    package enum State: String, Sendable, Codable, CaseIterable { case active, paused, removed }

    package enum Orientation: String, Sendable, Codable, CaseIterable {
        /// 16:9
        case landscape
        /// 9:16
        case portrait
        /// 1:1
        case square
    }

    package let id: ID
    package let user: User.ID
    /// As shown to viewers; unique among the user's channels.
    package let name: String
    /// The name made safe for a folder and a URL; unique in the fleet.
    package let slug: String
    /// URL or path of a feed (RSS, Atom), a Markdown or a plain text file.
    package let source: String
    /// BCP 47, such as `en`, `en-GB`, `de`.
    package let language: String
    /// The voice's name as its provider knows it; nil lets the provider choose for the language.
    package let voice: String?
    package let orientation: Orientation
    package let palette: Palette
    package let look: Look
    package let brief: Brief
    package let whenShort: ShortOfMoney
    package let publishing: Publishing
    /// How long a video should be, in seconds.
    package let length: Int
    /// The time of day from which the user's video is due, in the user's zone.
    package let dailyAt: TimeOfDay
    /// Whether a person approves each video before it is published.
    package let review: Bool
    package let state: State
    /// When the channel was last given a job; nil if never.
    package let lastServed: Date?

    package init(
        id: ID, user: User.ID, name: String, slug: String, source: String, language: String, voice: String?,
        orientation: Orientation, palette: Palette, look: Look = .standard,
        brief: Brief = .none, whenShort: ShortOfMoney = .hold, publishing: Publishing = .standard, length: Int,
        dailyAt: TimeOfDay, review: Bool, state: State, lastServed: Date?
    ) {
        (self.id, self.user, self.name, self.slug, self.source) = (id, user, name, slug, source)
        (self.language, self.voice, self.orientation, self.palette) = (language, voice, orientation, palette)
        (self.look, self.brief, self.whenShort, self.publishing) = (look, brief, whenShort, publishing)
        (self.length, self.dailyAt, self.review, self.state) = (length, dailyAt, review, state)
        self.lastServed = lastServed
    }

    /// The channel lengths we make, in seconds: long enough for an opening and a closing, short enough for one source item.
    package static let lengths = 15...600
    package static let defaultLength = 90
}
