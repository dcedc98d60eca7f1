/// Which of a stage's streams a delivery waits in. The topology lists them from the most to the least urgent.
public struct Priority: Sendable, Hashable, CustomStringConvertible {
    /// Part of the Redis keys, of the same form as ``Stage/name``.
    public let name: String
    /// The letter that stands for the priority in `live`.
    public let code: UInt8

    /// Answers nil unless the name has the form that keys need and the code is one ASCII letter.
    public init?(name: String, code: Character) {
        guard name.isKeyPart, let code = code.asciiValue, code.isLetter else { return nil }
        (self.name, self.code) = (name, code)
    }

    public var description: String { name }
}
