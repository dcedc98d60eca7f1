/// How a video's captions look. The spoken word is told apart in each.
public enum CaptionStyle: Sendable, Hashable {
    /// One or two calm lines; the spoken word is in the accent colour.
    case quiet
    /// One or two bold lines; the spoken word stands on a rounded piece of the accent colour.
    case pill
    /// One to four very large words at a time, which pop up: for vertical videos above all.
    case punch
    /// A style of one's own in libass' language: what follows `Style: Name,` in a script of version 4+, that is 22
    /// fields from Fontname to Encoding, lengths in pixels of a video whose shorter side is 1080. Words are drawn in
    /// PrimaryColour, the spoken one in SecondaryColour. Of Encoding nothing is used.
    case custom(ass: String)

    /// Those that need no text of one's own.
    public static let designs: [(name: String, style: CaptionStyle)] = [
        ("quiet", .quiet), ("pill", .pill), ("punch", .punch),
    ]

    var isCustom: Bool { if case .custom = self { true } else { false } }

    /// Throws ``MediaError/Code-swift.enum/invalid`` for a custom style that can't be used, and says which field is wrong.
    public func check() throws(MediaError) {
        if case .custom(let text) = self { _ = try CustomCaptionStyle(text) }
    }
}

extension CaptionStyle: Codable {
    private enum Key: CodingKey { case ass }

    /// A design's name, or `{"ass": "…"}`.
    public init(from decoder: any Swift.Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard let design = Self.designs.first(where: { $0.name == name }) else {
                let names = Self.designs.map(\.name).joined(separator: ", ")
                throw DecodingError.dataCorrupted(
                    .init(
                        codingPath: decoder.codingPath,
                        debugDescription: "a caption style is \(names) or {\"ass\": …}, not \"\(name.prefix(40))\""))
            }
            self = design.style
            return
        }
        self = .custom(ass: try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .ass))
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        if case .custom(let text) = self {
            var values = encoder.container(keyedBy: Key.self)
            try values.encode(text, forKey: .ass)
        } else {
            var value = encoder.singleValueContainer()
            try value.encode(Self.designs.first { $0.style == self }?.name)
        }
    }
}
