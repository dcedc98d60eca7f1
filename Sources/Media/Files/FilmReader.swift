import CFFmpeg

/// Shows the frames of a film by the time, in any order; rising times are cheap. Whatever it did before, the same time shows the same
/// frame: the last one that begins no later. Belongs to one thread, and keeps two frames besides the decoder's own.
final class FilmReader {
    private struct Shown {
        let frame: Frame
        /// Since the film's beginning.
        let seconds: Double
    }

    let orientation: Orientation
    private let path: String
    private let limits: MediaLimits
    private let flag: CancellationFlag
    private let threads: Int
    private var source: FrameSource
    private var current: Shown?
    private var upcoming: Shown?
    private var hasEnded = false
    /// The source is new: its next frame is the film's first.
    private var isAtBeginning = true
    /// When the first frame begins, once it was seen.
    private var beginning: Double?

    /// Decoding on is cheaper than going to a key frame and on from there, if it is for no more than so many seconds.
    private static let reach = 2.0
    /// How far before the wanted second a search for a key frame begins. Some indexes mean the time of decoding, some are wrong.
    private static let backsteps = [0.0, 1, 6]

    /// - Parameter threads: of the decoder; 0: as many as there are processors.
    init(_ path: String, limits: MediaLimits, threads: Int, flag: CancellationFlag) throws(MediaError) {
        (self.path, self.limits, self.threads, self.flag) = (path, limits, threads, flag)
        source = try FrameSource(path, limits: limits, threads: threads, flag: flag)
        orientation = source.orientation
    }

    /// The frame that is seen at so many seconds of the film; before the first one the first, after the last one the last.
    ///
    /// - Throws: `.damaged` where the film ends earlier than it says, or too much of it doesn't decode.
    func frame(at seconds: Double) throws(MediaError) -> Frame {
        // Times are rounded, in Matroska to milliseconds: a frame that begins at once has begun.
        let wanted = max(seconds + source.tolerance, beginning ?? -.infinity)
        if !reaches(wanted) { try seek(wanted) }
        try advance(to: wanted, mayPassOver: true)
        if let current, source.hasPassedOver(after: current.seconds) {
            // A frame that nothing refers to was passed over, and would have been the one: again, and all of them.
            try seek(wanted, mayPassOver: false)
            try advance(to: wanted, mayPassOver: false)
        }
        guard let current else { throw source.emptiness }
        if hasEnded { try source.checkEnd(at: seconds) }
        return current.frame
    }

    /// Whether the way to the wanted frame is to decode on.
    private func reaches(_ wanted: Double) -> Bool {
        guard let current else { return isAtBeginning && wanted <= Self.reach }
        guard wanted >= current.seconds else { return false }
        if hasEnded || wanted - (upcoming ?? current).seconds <= Self.reach { return true }
        // Where the index shows no key frame between here and there, going back to one would be for nothing.
        guard let key = source.keyFrame(notAfter: wanted) else { return false }
        return key <= current.seconds
    }

    /// Until the frame after the wanted one is known.
    private func advance(to wanted: Double, mayPassOver: Bool) throws(MediaError) {
        while true {
            if upcoming == nil, !hasEnded {
                upcoming = try next(passingOverBefore: mayPassOver ? wanted : nil)
                hasEnded = upcoming == nil
            }
            guard let next = upcoming, current == nil || next.seconds <= wanted else { return }
            (current, upcoming) = (next, nil)
        }
    }

    private func next(passingOverBefore wanted: Double?) throws(MediaError) -> Shown? {
        let frame = try Frame()
        guard let seconds = try source.next(into: frame, passingOverBefore: wanted) else { return nil }
        if isAtBeginning { (beginning, isAtBeginning) = (seconds, false) }
        // Times that go back are wrong: frames come in the order in which they are shown.
        return Shown(frame: frame, seconds: max(seconds, (upcoming ?? current)?.seconds ?? seconds))
    }

    /// Goes to a frame that is not after the wanted one, or to the first.
    private func seek(_ wanted: Double, mayPassOver: Bool = true) throws(MediaError) {
        for back in Self.backsteps {
            guard wanted - back > 0 || back == 0, try source.seek(notAfter: wanted - back) else { continue }
            forget()
            isAtBeginning = false
            current = try next(passingOverBefore: mayPassOver ? wanted : nil)
            if let current, current.seconds <= wanted { return }
        }
        // What can't be sought, a GIF for example, is read from its beginning.
        forget()
        source = try FrameSource(path, limits: limits, threads: threads, flag: flag)
        isAtBeginning = true
    }

    private func forget() { (current, upcoming, hasEnded) = (nil, nil, false) }
}
