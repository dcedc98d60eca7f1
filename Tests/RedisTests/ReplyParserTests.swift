import Testing

@testable import Redis

@Suite struct `A reply parser` {
    private static let wire = [
        "+OK\r\n", "-ERR no\r\n", ":-42\r\n", "$-1\r\n", "*-1\r\n", "$0\r\n\r\n", "$4\r\n\r\n\u{0}x\r\n", "*0\r\n",
        "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n-OOM full\r\n",
    ]
    private static let replies: [RedisReply] = [
        .status("OK"), .error("ERR no"), .integer(-42), .null, .null, .bytes([]), .bytes([13, 10, 0, 120]), .array([]),
        .array([.integer(1), .array([.bytes([97]), .null]), .error("OOM full")]),
    ]

    private func parse(_ parts: [[UInt8]]) throws -> [RedisReply] {
        let parser = try ReplyParser()
        var replies: [RedisReply] = []
        for part in parts { try part.withUnsafeBytes { try parser.feed($0) { replies.append($0) } } }
        return replies
    }

    @Test func `understands every kind of reply`() throws {
        #expect(try parse([Array(Self.wire.joined().utf8)]) == Self.replies)
    }

    @Test func `doesn't care where the bytes are split`() throws {
        let bytes = Array(Self.wire.joined().utf8)
        #expect(try parse(bytes.map { [$0] }) == Self.replies)
        for split in bytes.indices {
            #expect(try parse([Array(bytes[..<split]), Array(bytes[split...])]) == Self.replies)
        }
    }

    @Test func `hands out a large value whole`() throws {
        let value = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(
            try parse([Array("$3000000\r\n".utf8), value, Array("\r\n:7\r\n".utf8)]) == [.bytes(value), .integer(7)])
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n", "$abc\r\n", "*1\r\n%1\r\n", ":1x\r\n"])
    func `refuses what is not RESP2`(bytes: String) {
        let error = #expect(throws: RedisError.self) { try parse([Array(bytes.utf8)]) }
        #expect(error?.code == .protocolError)
    }

    @Test func `hands out the replies before a protocol error`() throws {
        let parser = try ReplyParser()
        var replies: [RedisReply] = []
        #expect(throws: RedisError.self) {
            try Array("+OK\r\n!\r\n".utf8).withUnsafeBytes { try parser.feed($0) { replies.append($0) } }
        }
        #expect(replies == [.status("OK")])
    }
}
