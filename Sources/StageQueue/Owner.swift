/// Whose hand a delivery is in: a consumer's name, and which life of that consumer.
public struct Owner: Sendable, Hashable, CustomStringConvertible {
    /// The consumer's name in Redis; a successor of the same name inherits its deliveries by ``StageQueue/takeOver``.
    public let name: String
    /// Drawn at random when the process starts.
    public let incarnation: String

    /// Answers nil unless both are 1 to 64 letters, digits, `.`, `-`, `_` or `:`.
    public init?(name: String, incarnation: String) {
        func isPlain(_ text: String) -> Bool {
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { $0.isLetter || (0x30...0x39).contains($0) || ".-_:".utf8.contains($0) }
        }
        guard isPlain(name), isPlain(incarnation) else { return nil }
        (self.name, self.incarnation) = (name, incarnation)
    }

    /// What stands for it in `live`: 64 bits of FNV-1a over the description. Short, because it is written at every fetch.
    var mark: [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return withUnsafeBytes(of: hash.bigEndian) { Array($0) }
    }

    public var description: String { "\(name)/\(incarnation)" }
}
