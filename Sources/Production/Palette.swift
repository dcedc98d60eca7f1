/// The colours a channel is known by. All pictures, titles and captions of a channel draw on them.
package enum Palette: String, Sendable, Codable, CaseIterable {
    case ember, forest, midnight, ocean, orchid, sand, slate, sunrise

    /// Dark, large-area colours first, then lighter ones; at least four. `0xRRGGBB`.
    package var colours: [RGB] {
        switch self {
        case .ember: [0x1C0F13, 0x4A1C20, 0x9E2A2B, 0xE36414, 0xFFB563]
        case .forest: [0x0B1F17, 0x1B4332, 0x2D6A4F, 0x74C69D, 0xD8F3DC]
        case .midnight: [0x0B0C2A, 0x1F1B4D, 0x3D348B, 0x7678ED, 0xF7B801]
        case .ocean: [0x03192E, 0x073B5C, 0x0A6C8F, 0x2EC4B6, 0xCBF3F0]
        case .orchid: [0x1E0B26, 0x4A1259, 0x8E2A8B, 0xD65DB1, 0xFFC6E5]
        case .sand: [0x2B2118, 0x5C4430, 0xA47148, 0xD9AE78, 0xF6E7CB]
        case .slate: [0x12181F, 0x27333F, 0x45596B, 0x8DA9C4, 0xEEF4ED]
        case .sunrise: [0x1F1235, 0x5A2A6B, 0xC84B6B, 0xF78154, 0xFFD07B]
        }
    }

    /// The one colour that highlights: the spoken word, the progress line.
    package var accent: RGB {
        switch self {
        case .ember: 0xFFB563
        case .forest: 0x95E1B3
        case .midnight: 0xF7B801
        case .ocean: 0x4CE0D2
        case .orchid: 0xFF9FD6
        case .sand: 0xF2C57C
        case .slate: 0x9CC9F0
        case .sunrise: 0xFFD07B
        }
    }
}

/// A colour, eight bits a channel, sRGB.
package struct RGB: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// `0xRRGGBB`
    package init(integerLiteral value: UInt32) {
        self.init(
            red: UInt8(truncatingIfNeeded: value >> 16), green: UInt8(truncatingIfNeeded: value >> 8),
            blue: UInt8(truncatingIfNeeded: value))
    }
}
