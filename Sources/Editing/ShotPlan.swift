import Media

/// What is seen of a scene, one piece after the other.
struct ShotPlan {
    /// A piece of a scene, without its transitions.
    struct Piece: Equatable {
        var frames: Range<Int>
        var footage: Footage?
        /// Which of several views of the same footage.
        var view: Int
        var viewCount: Int
        /// How the picture before it, in the same scene, gives way; nil for the scene's first.
        var rest: Timeline.Rest?
    }

    let pieces: [Piece]

    /// Seconds that a still is looked at before it is shown anew, from nearer by or further away.
    private static let stillLength = 5.5
    /// A film moves by itself.
    private static let filmLength = 11.0
    /// No piece is shorter.
    private static let leastLength = 2.0

    init(_ scene: Int, of timeline: Timeline, showing footage: [Footage]) {
        let frames = timeline.scenes[scene]
        let seconds = timeline.seconds(frames.count)
        // Those that have no room are left out from the end.
        let shown = footage.prefix(max(1, Int(seconds / Self.leastLength)))
        guard !shown.isEmpty else {
            pieces = [Piece(frames: frames, footage: nil, view: 0, viewCount: 1, rest: nil)]
            return
        }
        let share = seconds / Double(shown.count)
        let views = shown.flatMap { footage in
            let count = Self.viewCount(of: footage, for: share)
            return (0..<count).map { (footage: footage, view: $0, count: count) }
        }
        let breaks = Self.breaks(frames, into: views.count, at: timeline.rests[scene], timeline)
        let starts = [frames.lowerBound] + breaks.map(\.frame)
        let ends = breaks.map(\.frame) + [frames.upperBound]
        pieces = starts.indices.map { index in
            let view = views[index]
            return Piece(
                frames: starts[index]..<ends[index], footage: view.footage, view: view.view, viewCount: view.count,
                rest: index == 0 ? nil : breaks[index - 1])
        }
    }

    private static func viewCount(of footage: Footage, for seconds: Double) -> Int {
        switch footage {
        case .still:
            return seconds < 24 ? min(3, max(1, Int(seconds / stillLength))) : Int((seconds / 8).rounded(.up))
        case .film(let film):
            // Another part of it, where it is long enough to have one.
            return film.duration < seconds ? 1 : max(1, Int(seconds / filmLength))
        }
    }

    /// The rests that come nearest to parts of the same length; a place between two words, or any place at all, where the
    /// voice does not rest. One fewer than parts, or less where there is no room for so many.
    private static func breaks(
        _ frames: Range<Int>, into count: Int, at rests: [Timeline.Rest], _ timeline: Timeline
    ) -> [Timeline.Rest] {
        let least = timeline.frames(leastLength)
        var breaks: [Timeline.Rest] = []
        for index in 1..<max(1, count) {
            let wanted = frames.lowerBound + frames.count * index / count
            let first = (breaks.last?.frame ?? frames.lowerBound) + least
            let last = frames.upperBound - least * (count - index)
            guard first <= last else { break }
            func distance(_ rest: Timeline.Rest) -> Int {
                // Half the way to the next break is not too far for the end of a sentence.
                abs(rest.frame - wanted) + (rest.endsSentence ? 0 : frames.count / count / 2)
            }
            let best = rests.filter { (first...last).contains($0.frame) }.min { distance($0) < distance($1) }
            breaks.append(
                best ?? Timeline.Rest(frame: min(max(wanted, first), last), room: 0, endsSentence: false))
        }
        return breaks
    }
}
