/// What is seen for a while.
public struct Shot: Sendable, Hashable, Codable {
    public enum Source: Sendable, Hashable, Codable {
        /// A picture that FFmpeg decodes: PNG, JPEG, WebP, BMP, GIF, TIFF, or raw RGB as PPM. One of 1.5 to 2 times the
        /// frame's size gives the sharpest motion.
        case still(file: String, motion: Motion)
        case clip(Clip)
        case plain(Colour)
    }

    public var source: Source
    /// In frames of the video, between the middles of the transitions on both sides. What is seen in a transition lies
    /// outside them as well: half of each.
    public var frames: Range<Int>
    /// Into this shot, from the one before it. The first shot's is not used.
    public var transition: Transition

    public init(_ source: Source, frames: Range<Int>, transition: Transition = .cut) {
        (self.source, self.frames, self.transition) = (source, frames, transition)
    }
}

/// A part of a film: stock, or the channel's own.
public struct Clip: Sendable, Hashable, Codable {
    /// What is done with a film of another shape than the video.
    public enum Framing: String, Sendable, Hashable, Codable, CaseIterable {
        /// It covers the frame; what is too wide or too high is cut on both sides.
        case fill
        /// It is seen whole, above a dimmed, blurred copy of itself that covers the frame.
        case fit
    }

    /// Any file that FFmpeg decodes.
    public var file: String
    /// What is shown of it, in seconds of the film.
    public var part: Range<Double>
    /// Seconds of film in each second of video: 1 as it was taken, 0.5 half as fast.
    public var speed: Double
    /// Whether it begins again when `part` is over; else its last frame stays.
    public var loops: Bool
    public var framing: Framing

    public init(
        file: String, part: Range<Double>, speed: Double = 1, loops: Bool = false, framing: Framing = .fill
    ) {
        (self.file, self.part, self.speed, self.loops, self.framing) = (file, part, speed, loops, framing)
    }

    /// The slowest and the fastest that still look like film.
    public static let speeds = 0.1...4.0

    /// The second of the film that is seen when the clip has been on for `seconds`.
    public func time(at seconds: Double) -> Double {
        let (length, passed) = (part.upperBound - part.lowerBound, seconds * speed)
        if loops { return part.lowerBound + passed.truncatingRemainder(dividingBy: length) }
        return part.lowerBound + min(max(passed, 0), length)
    }
}

/// How one shot becomes the next.
public struct Transition: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case cut
        /// Each becomes the other, through and through.
        case dissolve
        /// Down to the palette's background colour, and up again.
        case dip
        /// The new one pushes the old one out to the left.
        case push
        /// A soft edge passes from left to right.
        case wipe
    }

    public var kind: Kind
    /// How many frames of the video it takes, half of them on each side of the cut; even.
    public var frames: Int

    /// - Parameter frames: an odd number is brought to the even one below.
    public init(_ kind: Kind, frames: Int) {
        (self.kind, self.frames) = kind == .cut || frames < 2 ? (.cut, 0) : (kind, frames / 2 * 2)
    }

    public static let cut = Transition(.cut, frames: 0)
}
