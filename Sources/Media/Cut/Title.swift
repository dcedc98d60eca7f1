/// Words that are not spoken, over the picture.
public struct Title: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// The video's title, large, over the dimmed picture.
        case card
        /// A few quiet words in the upper corner: what a scene is about.
        case label
        /// Two lines above the captions: who or where this is.
        case lowerThird
    }

    public var kind: Kind
    /// May hold any character.
    public var text: String
    /// A smaller second line of a card or a lower third; empty for none.
    public var detail: String
    /// In frames of the video.
    public var frames: Range<Int>

    public init(_ kind: Kind, _ text: String, detail: String = "", frames: Range<Int>) {
        (self.kind, self.text, self.detail, self.frames) = (kind, text, detail, frames)
    }
}

/// A channel's sign, in a corner for the whole video.
public struct Logo: Sendable, Hashable, Codable {
    public enum Corner: String, Sendable, Hashable, Codable, CaseIterable {
        case upperLeft, upperRight, lowerLeft, lowerRight
    }

    /// A picture; transparent parts stay so.
    public var file: String
    public var corner: Corner
    /// Its width, in shares of the frame's shorter side.
    public var width: Double
    /// 0 (unseen) to 1
    public var opacity: Double

    public init(file: String, corner: Corner = .upperRight, width: Double = 0.11, opacity: Double = 0.85) {
        (self.file, self.corner, self.width, self.opacity) = (file, corner, width, opacity)
    }
}

/// A place in the video that a viewer can jump to.
public struct Chapter: Sendable, Hashable, Codable {
    /// Seconds of the video.
    public var start: Double
    public var title: String

    public init(start: Double, title: String) { (self.start, self.title) = (start, title) }
}
