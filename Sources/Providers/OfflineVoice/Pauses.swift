package import Production

/// How long the voice rests, in seconds. The same storyboard rests the same way at every try.
package enum Pauses {
    /// Before the first word: short, because viewers leave a video that begins with nothing.
    package static let atStart = 0.05
    package static let atEnd = 0.25

    package static func afterSentence(ending token: Substring) -> Double {
        switch closingMark(of: token) {
        case "?", "？", "؟", "!", "！": 0.32
        case ".", "…", "。", "।", "۔": 0.28
        // A sentence cut in two for its length.
        default: 0.12
        }
    }

    /// 0.4 to 0.8 s, as between two paragraphs read aloud. Questions are left in the air for longer; so is the opening.
    ///
    /// - Parameter next: nil after the last scene.
    package static func afterScene(
        _ index: Int, _ kind: Storyboard.Scene.Kind, ending token: Substring, before next: Storyboard.Scene.Kind?
    ) -> Double {
        guard let next else { return atEnd }
        var pause =
            switch closingMark(of: token) {
            case "?", "？", "؟": 0.56
            case "!", "！": 0.54
            case ".", "…", "。", "।", "۔": 0.5
            default: 0.46
            }
        if kind == .opening { pause += 0.06 }
        if next == .closing { pause += 0.04 }
        // Equal pauses sound like a machine.
        return pause + Double(index * 7 % 5) * 0.01
    }

    /// The last character, passing over closing quotes and brackets.
    package static func closingMark(of token: Substring) -> Character? {
        token.reversed().first { !"\"'”’»«“)]}*_".contains($0) }
    }
}
