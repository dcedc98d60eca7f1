/// Which way a text is read.
enum TextDirection: Hashable {
    case leftToRight, rightToLeft

    /// That of most of its letters.
    init(of text: some StringProtocol) {
        var balance = 0
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            balance += Self.isRightToLeft(scalar) ? 1 : -1
        }
        self = balance > 0 ? .rightToLeft : .leftToRight
    }

    static func hasRightToLeft(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.contains(where: isRightToLeft)
    }

    /// The invisible letter that a line begins with, so that it is laid out this way whatever its first word is.
    var mark: String { self == .rightToLeft ? "\u{200F}" : "\u{200E}" }

    /// Bidi classes R and AL (UAX #9) in broad strokes.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}
