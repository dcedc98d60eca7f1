import Media

/// How a piece of footage is looked at for a while.
enum View {
    /// How much of the picture a view from nearby shows, of its width and of its height.
    private static let near = 0.76

    /// The camera's move over a still. Several views of one picture differ: the whole of it, a part from nearby, another one.
    ///
    /// - Parameter seconds: how long it is seen, transitions included.
    static func motion(
        over still: Still, for frame: FrameSize, seconds: Double, view: Int, of count: Int, seed: UInt64
    ) -> Motion {
        var dice = Dice(seed, "view", view)
        let isNear = count > 1 && (view + Int(seed & 1)).isMultiple(of: 2) == false
        guard isNear else {
            return Motion(
                over: (still.width, still.height), for: frame, seconds: seconds, seed: dice.next(), focus: still.focus)
        }
        // A part of the picture's shape. Its lower edge is the quiet one, where captions stand: it stays in sight.
        var left = (1 - near) * (view / 2 % 2 == 0 ? 0.15 + 0.2 * dice.share() : 0.65 + 0.2 * dice.share())
        var top = (1 - near) * (0.55 + 0.45 * dice.share())
        if let focus = still.focus {
            left = min(max(left, focus.right - near), focus.left)
            top = min(max(top, focus.bottom - near), focus.top)
        }
        let part = Box(
            left: min(max(left, 0), 1 - near), top: min(max(top, 0), 1 - near), width: near, height: near)
        let within = Motion(
            over: (Int(Double(still.width) * near), Int(Double(still.height) * near)), for: frame, seconds: seconds,
            seed: dice.next(), focus: still.focus.flatMap { $0.seen(in: part) })
        return Motion(from: within.start.placed(in: part), to: within.end.placed(in: part))
    }

    /// A part of a film that lasts for so long: cut out where there is more of it, slowed where a little is missing, begun
    /// again where much is.
    static func clip(
        of film: Film, for frame: FrameSize, seconds: Double, view: Int, of count: Int, seed: UInt64
    ) -> Clip {
        let framing = framing(of: film, for: frame)
        // The last moments of a file may be missing from it.
        let length = max(0.05, film.duration - (film.duration > 1 ? 0.05 : 0))
        if length >= seconds {
            var dice = Dice(seed, "part", view)
            // Each view has its own stretch of the film; where in it is chosen.
            let stretch = length / Double(count)
            let first = stretch * Double(view)
            let spare = max(0, min(first + stretch, length) - first - seconds)
            let start = min(first + spare * dice.share(), length - seconds)
            return Clip(file: film.file, part: start..<(start + seconds), framing: framing)
        }
        // Slower than 24 pictures a second it is no film any more.
        let slowest = min(0.8, max(0.4, 24 / max(film.frameRate, 1)))
        if length / seconds >= slowest {
            return Clip(file: film.file, part: 0..<length, speed: length / seconds, framing: framing)
        }
        return Clip(file: film.file, part: 0..<length, loops: true, framing: framing)
    }

    /// A film that would lose more than two fifths of itself is seen whole.
    static func framing(of film: Film, for frame: FrameSize) -> Clip.Framing {
        let (theirs, ours) = (
            Double(max(1, film.width)) / Double(max(1, film.height)), Double(frame.width) / Double(frame.height)
        )
        return max(theirs / ours, ours / theirs) > 1 / 0.6 ? .fit : .fill
    }
}

extension Box {
    /// A box within `part`, told in shares of the whole.
    fileprivate func placed(in part: Box) -> Box {
        Box(
            left: part.left + left * part.width, top: part.top + top * part.height, width: width * part.width,
            height: height * part.height)
    }

    /// A box of the whole, told in shares of `part`; nil where it reaches beyond it.
    fileprivate func seen(in part: Box) -> Box? {
        let (left, top) = ((left - part.left) / part.width, (top - part.top) / part.height)
        let box = Box(left: left, top: top, width: width / part.width, height: height / part.height)
        return box.left >= 0 && box.top >= 0 && box.right <= 1 && box.bottom <= 1 ? box : nil
    }
}
