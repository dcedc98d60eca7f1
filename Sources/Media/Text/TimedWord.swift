/// One word as it is written, and when it is spoken.
public struct TimedWord: Sendable, Hashable, Codable {
    /// The token with its punctuation, as a reader should see it. May hold any character.
    public var text: String
    /// Seconds from the beginning of the narration.
    public var start: Double
    public var end: Double
    /// Whether it stands right behind the word before it, without a space: a part of a longer token.
    public var isAttached: Bool

    public init(_ text: String, start: Double, end: Double, isAttached: Bool = false) {
        (self.text, self.start, self.end, self.isAttached) = (text, start, end, isAttached)
    }

    private enum CodingKeys: CodingKey { case text, start, end, isAttached }

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            values.decode(String.self, forKey: .text), start: values.decode(Double.self, forKey: .start),
            end: values.decode(Double.self, forKey: .end),
            isAttached: values.decodeIfPresent(Bool.self, forKey: .isAttached) ?? false)
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(text, forKey: .text)
        try values.encode(start, forKey: .start)
        try values.encode(end, forKey: .end)
        if isAttached { try values.encode(true, forKey: .isAttached) }
    }
}

extension Sequence<TimedWord> {
    /// As they are read, in one line.
    var joined: String { reduce(into: "") { $0 += ($0.isEmpty || $1.isAttached ? "" : " ") + $1.text } }
}
