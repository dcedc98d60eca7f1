/// Into which pieces a video is cut to be encoded: side by side, and kept one by one. Each begins with a key frame at a place
/// where a video encoded in one go would have one too, so that nothing is lost by it.
struct SegmentPlan: Sendable, Equatable {
    /// Frames of the video, without a gap.
    let segments: [Range<Int>]

    /// A video has about so many: what is lost with a process that dies is two or three of a hundred parts.
    private static let wantedCount = 48
    /// Seconds. A shorter one would not pay for opening an encoder, a longer one would be missed too much.
    private static let lengths = 2.0...10.0

    /// - Parameter groupLength: frames from key frame to key frame.
    init(frameCount: Int, frameRate: Int, groupLength: Int) {
        let seconds = Double(frameCount) / Double(frameRate) / Double(Self.wantedCount)
        let wanted = min(max(seconds, Self.lengths.lowerBound), Self.lengths.upperBound) * Double(frameRate)
        let length = max(1, Int((wanted / Double(groupLength)).rounded())) * groupLength
        segments = stride(from: 0, to: frameCount, by: length).map { $0..<min($0 + length, frameCount) }
    }
}
