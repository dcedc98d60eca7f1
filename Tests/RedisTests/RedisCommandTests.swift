import NIOCore
import Testing

@testable import Redis

@Suite struct `A command` {
    private func encoded(_ commands: [RedisCommand]) -> String {
        String(decoding: commands.encoded().readableBytesView, as: UTF8.self)
    }

    @Test func `is encoded as an array of its bytes`() {
        let command = RedisCommand("SET", "key", RedisArgument(bytes: [13, 10, 0]), RedisArgument(""))
        #expect(encoded([command]) == "*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\n\r\n\0\r\n$0\r\n\r\n")
    }

    @Test(arguments: [0, 1, 8, 9, 10, 98, 99, 100, 998, 999, 1000, 123_456])
    func `states each length in decimal`(length: Int) {
        let text = String(repeating: "x", count: length)
        let many = RedisCommand("A", arguments: Array(repeating: "b", count: length))
        #expect(encoded([RedisCommand("GET", RedisArgument(text))]) == "*2\r\n$3\r\nGET\r\n$\(length)\r\n\(text)\r\n")
        #expect(encoded([many]).hasPrefix("*\(length + 1)\r\n$1\r\nA\r\n"))
    }

    @Test func `follows the others of its pipeline without a gap`() {
        #expect(
            encoded([RedisCommand("PING"), RedisCommand("GET", 7)])
                == "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\n7\r\n")
    }

    @Test func `is cut short in errors`() {
        let command = RedisCommand(
            "SET", arguments: ["k", RedisArgument(String(repeating: "x", count: 1000)), "\r\n", 4, 5, 6])
        #expect(command.summary == "SET k \(String(repeating: "x", count: 64))… · 4 … (2 more)")
    }

    @Test(arguments: [
        RedisCommand("AUTH", "hunter2"), RedisCommand("auth", "joe", "hunter2"),
        RedisCommand("HELLO", 2, "AUTH", "joe", "hunter2"), RedisCommand("ACL", "SETUSER", "joe", ">hunter2"),
        RedisCommand("CONFIG", "SET", "requirepass", "hunter2"),
        RedisCommand("MIGRATE", "host", 1, "", 0, 1, "AUTH", "hunter2"),
    ])
    func `never shows a password`(command: RedisCommand) {
        #expect(!command.summary.contains("hunter2") && !command.summary.contains("joe"))
        #expect(command.summary.hasPrefix(command.name))
    }

    @Test func `knows for how long Redis may hold its reply back`() {
        #expect(RedisCommand("GET", "k").blocking == .never)
        #expect(RedisCommand("XREAD", "COUNT", 1, "STREAMS", "block", 5).blocking == .never)
        #expect(RedisCommand("xread", "block", 250, "STREAMS", "s", "$").blocking == .upTo(.milliseconds(250)))
        #expect(RedisCommand("XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">").blocking == .forever)
        #expect(RedisCommand("BLPOP", "list", "0.5").blocking == .upTo(.milliseconds(500)))
        #expect(RedisCommand("BLMPOP", 2, 1, "list", "LEFT").blocking == .upTo(.seconds(2)))
        #expect(RedisCommand("WAIT", 1, 100).blocking == .upTo(.milliseconds(100)))
    }
}
