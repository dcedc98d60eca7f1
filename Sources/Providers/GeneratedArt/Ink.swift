import Production

/// A colour to paint with: sRGB as encoded, each part 0...1.
struct Ink: Sendable, Equatable {
    var red: Float
    var green: Float
    var blue: Float

    init(_ red: Float, _ green: Float, _ blue: Float) { (self.red, self.green, self.blue) = (red, green, blue) }

    init(_ colour: RGB) {
        self.init(Float(colour.red) / 255, Float(colour.green) / 255, Float(colour.blue) / 255)
    }

    /// `share` of the other colour, 0...1.
    func mixed(_ other: Ink, _ share: Float) -> Ink {
        Ink(
            red + (other.red - red) * share, green + (other.green - green) * share,
            blue + (other.blue - blue) * share)
    }

    /// Brighter or darker.
    func times(_ factor: Float) -> Ink { Ink(red * factor, green * factor, blue * factor) }
}

/// A palette as painters use it: five steps from the darkest to the lightest, and the accent.
struct Inks: Sendable {
    let dark: Ink
    let deep: Ink
    let mid: Ink
    let bright: Ink
    let light: Ink
    let accent: Ink

    init(_ palette: Palette) {
        let inks = palette.colours.map { Ink($0) }
        // Palettes promise at least four colours; a step that is missing repeats the one before.
        func step(_ index: Int) -> Ink { inks.isEmpty ? Ink(0, 0, 0) : inks[min(index, inks.count - 1)] }
        (dark, deep, mid, bright, light) = (step(0), step(1), step(2), step(3), step(4))
        accent = Ink(palette.accent)
    }

    /// From the darkest (0) to the lightest (1).
    func ramp(_ position: Float) -> Ink {
        let steps = [dark, deep, mid, bright, light]
        let place = max(0, min(1, position)) * 4
        let index = min(3, Int(place))
        return steps[index].mixed(steps[index + 1], place - Float(index))
    }
}
