/// A password. It never appears in a description, a dump or an error.
public struct RedisSecret: Sendable, Equatable {
    let value: String

    public init(_ value: String) {
        self.value = value
    }
}

extension RedisSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
