/// One step that every job passes through, in the order that ``QueueTopology/stages`` gives.
public struct Stage: Sendable, Hashable, CustomStringConvertible {
    /// Part of the Redis keys: one to thirty-two lower-case ASCII letters, digits, `-` or `_`.
    public let name: String
    /// The letter that stands for the stage in deliveries and in `live`. It must never be given to another stage.
    public let code: UInt8

    /// Answers nil unless the name has the form that keys need and the code is one ASCII letter.
    public init?(name: String, code: Character) {
        guard name.isKeyPart, let code = code.asciiValue, code.isLetter else { return nil }
        (self.name, self.code) = (name, code)
    }

    public var description: String { name }
}

extension UInt8 {
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

extension String {
    /// Whether this can be a part of a Redis key: nothing that would end a hash tag or look like a separator.
    var isKeyPart: Bool {
        (1...32).contains(utf8.count)
            && utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }
}
