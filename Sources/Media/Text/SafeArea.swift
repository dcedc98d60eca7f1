/// The part of a frame where words are neither cut off nor covered by what a player draws over a video. In shares of the
/// frame's width and height, from each edge.
public struct SafeArea: Sendable, Hashable {
    public let left: Double
    public let top: Double
    public let right: Double
    public let bottom: Double

    /// A vertical video is watched as a Short: YouTube's app covers about the lower fifth with channel and title, and the
    /// right eighth with its buttons. A horizontal one has the player's bar along the lower edge.
    public init(of frame: FrameSize) {
        (left, top, right, bottom) =
            frame.isVertical ? (0.07, 0.1, 0.125, 0.215) : (0.06, 0.07, 0.06, 0.075)
    }

    /// Of the frame's width: what is left for a line in the middle, equally far from both edges.
    var centredWidth: Double { 1 - 2 * max(left, right) }
}
