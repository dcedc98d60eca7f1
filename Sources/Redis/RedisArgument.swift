/// One argument of a command: any bytes.
public struct RedisArgument: Sendable, Equatable {
    let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ text: String) {
        bytes = Array(text.utf8)
    }

    public init(_ number: Int64) {
        self.init(String(number))
    }

    public init(_ number: Int) {
        self.init(String(number))
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral text: String) {
        self.init(text)
    }

    public init(integerLiteral number: Int64) {
        self.init(number)
    }
}
