/// A step of production. Every job passes through them in this order.
package enum Stage: String, Sendable, Codable, CaseIterable, Comparable, CodingKeyRepresentable {
    /// Turns the channel's source into a storyboard.
    case script
    /// Speaks the storyboard: narration and word timings.
    case voice
    /// Makes the video, its thumbnail and its captions.
    case render
    /// Publishes the video.
    case upload

    /// The stage that follows, or nil after the last.
    package var next: Stage? {
        switch self {
        case .script: .voice
        case .voice: .render
        case .render: .upload
        case .upload: nil
        }
    }

    /// One letter, as it stands in deliveries and in Redis' `live` index. Never reuse a letter.
    package var code: Character {
        switch self {
        case .script: "s"
        case .voice: "v"
        case .render: "r"
        case .upload: "u"
        }
    }

    package static func < (a: Stage, b: Stage) -> Bool { a.position < b.position }

    private var position: Int {
        switch self {
        case .script: 0
        case .voice: 1
        case .render: 2
        case .upload: 3
        }
    }
}
