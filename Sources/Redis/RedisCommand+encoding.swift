import NIOCore

extension [RedisCommand] {
    /// The commands as RESP2 arrays of bulk strings, one after the other in one buffer, so that they leave in one write.
    func encoded() -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: reduce(0) { $0 + $1.encodedBound })
        for command in self {
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: command.encodedBound) { room in
                var writer = CommandWriter(room: room)
                writer.write(command)
                return writer.written
            }
        }
        return buffer
    }
}

extension RedisCommand {
    /// No fewer bytes than the encoded command takes.
    fileprivate var encodedBound: Int {
        let perElement = CommandWriter.longestHeader + 2
        return CommandWriter.longestHeader + perElement * (arguments.count + 1) + name.utf8.count
            + arguments.reduce(0) { $0 + $1.bytes.count }
    }
}

/// Copies a command's parts into room that is known to suffice.
private struct CommandWriter {
    /// A marker, the digits of Int.max, a line's end.
    static let longestHeader = 1 + 19 + 2

    let room: UnsafeMutableRawBufferPointer
    private(set) var written = 0

    init(room: UnsafeMutableRawBufferPointer) {
        self.room = room
    }

    mutating func write(_ command: RedisCommand) {
        header("*", command.arguments.count + 1)
        var name = command.name
        name.withUTF8 { bulk(UnsafeRawBufferPointer($0)) }
        for argument in command.arguments {
            argument.bytes.withUnsafeBytes { bulk($0) }
        }
    }

    private mutating func bulk(_ bytes: UnsafeRawBufferPointer) {
        header("$", bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: room[written...]).copyMemory(from: bytes)
        written += bytes.count
        endLine()
    }

    private mutating func header(_ marker: Unicode.Scalar, _ number: Int) {
        room[written] = UInt8(ascii: marker)
        written += 1
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        rest = number
        for position in stride(from: written + digits - 1, through: written, by: -1) {
            room[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        written += digits
        endLine()
    }

    private mutating func endLine() {
        room[written] = UInt8(ascii: "\r")
        room[written + 1] = UInt8(ascii: "\n")
        written += 2
    }
}
