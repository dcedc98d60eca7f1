/// A short article that nobody else tells: no sentence of it stands in another.
struct Tale {
    private var dice: Dice
    private let number: Int

    init(_ number: Int) { (self.number, dice) = (number, Dice(UInt64(number) &* 7_919)) }

    /// Markdown
    var text: String {
        mutating get {
            let title = "# The \(one(of: Self.kinds)) \(one(of: Self.things)) of \(one(of: Self.places))"
            let paragraphs = (0..<6).map { _ in (0..<4).map { _ in sentence() }.joined(separator: " ") }
            return ([title] + paragraphs).joined(separator: "\n\n") + "\n"
        }
    }

    private mutating func sentence() -> String {
        let first = "the \(one(of: Self.kinds)) \(one(of: Self.things)) of \(one(of: Self.places))"
        let second = "a \(one(of: Self.kinds)) \(one(of: Self.things))"
        switch Int.random(in: 0..<4, using: &dice) {
        case 0:
            return
                "In those years \(first) \(one(of: Self.deeds)) \(second), and people in \(one(of: Self.places)) saw it."
        case 1: return "Nobody knows why \(first) once \(one(of: Self.deeds)) \(second) near \(one(of: Self.places))."
        case 2:
            return "They say that \(first) \(one(of: Self.deeds)) \(second) before it came to \(one(of: Self.places))."
        default:
            return "Later \(first) \(one(of: Self.deeds)) \(second), which was then shown in \(one(of: Self.places))."
        }
    }

    private mutating func one(of words: [String]) -> String { words.randomElement(using: &dice) ?? "" }

    private static let kinds = [
        "old", "quiet", "heavy", "broken", "silver", "narrow", "painted", "hidden", "wooden", "patient", "northern",
        "careful", "round", "bright", "empty", "distant",
    ]
    private static let things = [
        "bridge", "lamp", "garden", "engine", "letter", "harbour", "mirror", "window", "orchard", "compass", "tower",
        "kettle", "market", "violin", "ladder", "river",
    ]
    private static let places = [
        "the valley", "the coast", "the island", "the capital", "the mountains", "the marsh", "the old town",
        "the border", "the forest", "the plain", "the lake", "the harbour", "the south", "the abbey", "the mill",
        "the quarry",
    ]
    private static let deeds = [
        "carried", "followed", "replaced", "guarded", "found", "lost", "met", "sold", "covered", "reached", "lifted",
        "outlived", "crossed", "warmed", "measured", "copied",
    ]
}
