/// What Redis answered to one command (RESP2).
public enum RedisReply: Sendable, Equatable {
    /// Nothing there: a missing key, or a blocking read whose time passed.
    case null
    case integer(Int64)
    /// A short fixed word: `OK`, `PONG`, `QUEUED`.
    case status(String)
    case bytes([UInt8])
    case array([RedisReply])
    /// A refusal inside a pipeline, a transaction or an array. ``RedisClient/send(_:)`` throws it instead.
    case error(String)
}

// Each accessor throws `unexpectedReply` naming what was expected and what came, and `replyError` where an error reply came instead.
extension RedisReply {
    /// A number, also one sent as text (as Lua scripts and hashes do).
    public func integer() throws(RedisError) -> Int64 {
        switch self {
        case .integer(let number): return number
        case .bytes(let bytes):
            guard let number = Int64(String(decoding: bytes, as: UTF8.self)) else { throw unexpected("an integer") }
            return number
        default: throw unexpected("an integer")
        }
    }

    /// Text, also a status word. Bytes that are not UTF-8 are an error.
    public func string() throws(RedisError) -> String {
        switch self {
        case .status(let text): return text
        case .bytes(let bytes):
            guard let text = String(validating: bytes, as: UTF8.self) else { throw unexpected("UTF-8 text") }
            return text
        default: throw unexpected("a string")
        }
    }

    public func bytes() throws(RedisError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .status(let text): return Array(text.utf8)
        default: throw unexpected("bytes")
        }
    }

    public func array() throws(RedisError) -> [RedisReply] {
        guard case .array(let elements) = self else { throw unexpected("an array") }
        return elements
    }

    /// Nil where Redis has nothing.
    public func optionalInteger() throws(RedisError) -> Int64? {
        self == .null ? nil : try integer()
    }

    /// Nil where Redis has nothing.
    public func optionalString() throws(RedisError) -> String? {
        self == .null ? nil : try string()
    }

    /// Nil where Redis has nothing.
    public func optionalBytes() throws(RedisError) -> [UInt8]? {
        self == .null ? nil : try bytes()
    }

    /// Nil where Redis has nothing, e.g. a blocking read whose time passed.
    public func optionalArray() throws(RedisError) -> [RedisReply]? {
        self == .null ? nil : try array()
    }

    /// The values of an array of alternating names and values, by name (`XINFO`, `HGETALL`). A later name wins.
    public func dictionary() throws(RedisError) -> [String: RedisReply] {
        let elements = try array()
        guard elements.count.isMultiple(of: 2) else { throw unexpected("names and values") }
        var values = [String: RedisReply](minimumCapacity: elements.count / 2)
        for position in stride(from: 0, to: elements.count, by: 2) {
            values[try elements[position].string()] = elements[position + 1]
        }
        return values
    }

    func unexpected(_ expected: String) -> RedisError {
        if case .error(let message) = self { return RedisError(.replyError, mayHaveRun: true, message) }
        return RedisError(.unexpectedReply, mayHaveRun: true, "expected \(expected), got \(kind)")
    }

    private var kind: String {
        switch self {
        case .null: "null"
        case .integer(let number): "the integer \(number)"
        case .status(let text): "the status \(text)"
        case .bytes(let bytes): "\(bytes.count) bytes (\(RedisArgument(bytes: bytes).excerpt))"
        case .array(let elements): "an array of \(elements.count)"
        case .error(let message): "the error \(message)"
        }
    }
}
