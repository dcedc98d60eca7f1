import Media
import Production

/// How pictures follow one another: nearly always one becomes the next, now and then otherwise. A transition lies where
/// nobody speaks; where that is too short for one, the picture changes at once.
struct Transitions {
    let look: Channel.Look.Transitions
    let seed: UInt64
    let frameRate: Int
    /// The kind of the one before: two unusual ones never follow each other.
    private var before = Transition.Kind.dissolve
    private var count = 0

    init(_ look: Channel.Look.Transitions, seed: UInt64, frameRate: Int) {
        (self.look, self.seed, self.frameRate) = (look, seed, frameRate)
    }

    /// On each side of the change, in seconds: long enough to be soft, short enough to be no event.
    private static let half = 0.24
    /// Shorter ones look like a fault.
    private static let leastHalf = 0.09
    /// How often one is not a dissolve.
    private static let unusual = 0.22

    /// Into a scene from the one before it.
    mutating func next(at rest: Timeline.Rest) -> Transition {
        count += 1
        var dice = Dice(seed, "transition", count)
        var kind = Transition.Kind.dissolve
        if before == .dissolve, dice.share() < Self.unusual { kind = dice.pick([.dip, .wipe, .push]) ?? .dissolve }
        let transition = transition(kind, room: rest.room)
        before = transition.kind == .cut ? before : transition.kind
        return transition
    }

    /// Within a scene.
    func within(at rest: Timeline.Rest) -> Transition { transition(.dissolve, room: rest.room) }

    /// Out of the intro, and into the outro.
    func atEdge(room: Double) -> Transition { transition(.dissolve, room: Int(room * Double(frameRate))) }

    private func transition(_ kind: Transition.Kind, room: Int) -> Transition {
        let half = min(room, Int((Self.half * Double(frameRate)).rounded()))
        guard look == .quiet, Double(half) >= Self.leastHalf * Double(frameRate) else { return .cut }
        return Transition(kind, frames: 2 * half)
    }
}
