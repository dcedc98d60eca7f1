/// A stream entry's id: the millisecond it was made and a number that tells apart those of the same millisecond.
public struct StreamEntryID: Sendable, Hashable {
    public let milliseconds: UInt64
    public let sequence: UInt64

    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `1700000000000-0`. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = UInt64(parts[0]), let sequence = UInt64(parts[1]) else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Before every entry: reading after it reads the whole stream.
    public static let zero = StreamEntryID(milliseconds: 0, sequence: 0)
}

extension StreamEntryID: Comparable, CustomStringConvertible {
    public static func < (left: Self, right: Self) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }

    public var description: String { "\(milliseconds)-\(sequence)" }
}

extension RedisArgument {
    public init(_ id: StreamEntryID) {
        self.init(id.description)
    }
}

extension RedisReply {
    public func streamEntryID() throws(RedisError) -> StreamEntryID {
        let text = try string()
        guard let id = StreamEntryID(text) else { throw unexpected("a stream entry id") }
        return id
    }
}
