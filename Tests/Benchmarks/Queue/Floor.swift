import Foundation
import TestServers

/// The least that the same work can cost: one blocking connection, commands packed by hand, replies hardly looked at, nothing checked.
final class Floor {
    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var filled = 0
    private var position = 0

    init(_ path: String) throws {
        socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw ServerError("cannot connect to \(path)") }
    }

    deinit { close(socket) }

    static func packed(_ words: [[UInt8]]) -> [UInt8] {
        words.reduce(into: Array("*\(words.count)\r\n".utf8)) { bytes, word in
            bytes += Array("$\(word.count)\r\n".utf8) + word + Array("\r\n".utf8)
        }
    }

    static func packed(_ words: String...) -> [UInt8] { packed(words.map { Array($0.utf8) }) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ServerError("the floor's connection was lost") }
            sent += count
        }
    }

    /// Reads so many replies and answers the entry ids among them: bulks that come first in an array of two, after which another array follows.
    @discardableResult func replies(_ count: Int, ids: ((ArraySlice<UInt8>) -> Void)? = nil) throws -> Int {
        var entries = 0
        for _ in 0..<count { entries += try reply(ids) }
        return entries
    }

    private func reply(_ ids: ((ArraySlice<UInt8>) -> Void)?) throws -> Int {
        let (marker, number) = try header()
        switch marker {
        case UInt8(ascii: "$"):
            if number >= 0 { try skip(number + 2) }
            return 0
        case UInt8(ascii: "*"):
            var entries = 0
            for _ in 0..<max(0, number) {
                // An entry is `*2 $id *2 $field $value`: its id stands before an array.
                entries += try element(ids)
            }
            return entries
        case UInt8(ascii: "-"): throw ServerError("Redis answered the floor with an error")
        default: return 0
        }
    }

    private func element(_ ids: ((ArraySlice<UInt8>) -> Void)?) throws -> Int {
        let (marker, number) = try header()
        guard marker == UInt8(ascii: "*") else {
            if marker == UInt8(ascii: "$"), number >= 0 { try skip(number + 2) }
            return 0
        }
        var entries = 0
        for index in 0..<max(0, number) {
            if index == 0, number == 2 {
                let (inner, length) = try header()
                guard inner == UInt8(ascii: "$") else { throw ServerError("not an entry") }
                try need(length + 2)
                let text = buffer[position..<position + length]
                if text.contains(UInt8(ascii: "-")), text.first.map({ (0x30...0x39).contains($0) }) == true {
                    ids?(text)
                    entries += 1
                }
                position += length + 2
            } else {
                entries += try element(ids)
            }
        }
        return entries
    }

    private func header() throws -> (UInt8, Int) {
        try need(1)
        let marker = buffer[position]
        position += 1
        var number = 0
        var sign = 1
        while true {
            try need(1)
            let byte = buffer[position]
            position += 1
            if byte == UInt8(ascii: "\r") { break }
            if byte == UInt8(ascii: "-") {
                sign = -1
            } else if (0x30...0x39).contains(byte) {
                number = number &* 10 &+ Int(byte - 0x30)
            }
        }
        try need(1)
        position += 1
        return (marker, number * sign)
    }

    private func skip(_ count: Int) throws {
        try need(count)
        position += count
    }

    private func need(_ count: Int) throws {
        while filled - position < count {
            if position > 0 {
                buffer.withUnsafeMutableBytes { bytes in
                    guard let base = bytes.baseAddress else { return }
                    memmove(base, base + position, filled - position)
                }
                filled -= position
                position = 0
            }
            if buffer.count - filled < 4096 { buffer += [UInt8](repeating: 0, count: buffer.count) }
            let count = buffer[filled...].withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw ServerError("the floor's connection was lost") }
            filled += count
        }
    }
}

extension Floor {
    /// A payload like ours, never read.
    private static func add(to key: String) -> [UInt8] {
        packed([
            Array("XADD".utf8), Array(key.utf8), Array("*".utf8), Array("d".utf8), [UInt8](repeating: 7, count: 34),
        ])
    }

    /// Adds `count` entries in pipelines of `depth`.
    func add(_ count: Int, to key: String, depth: Int) throws {
        let batch = Array(repeatElement(Self.add(to: key), count: depth).joined())
        for _ in 0..<count / depth {
            try send(batch)
            try replies(depth)
        }
    }

    func makeGroup(_ key: String) throws {
        try send(Self.packed("XGROUP", "CREATE", key, "g", "0", "MKSTREAM"))
        try replies(1)
    }

    /// Reads and acknowledges everything, `depth` at a time. Answers how many that were.
    func drain(_ key: String, depth: Int) throws -> Int {
        let read = Self.packed("XREADGROUP", "GROUP", "g", "c", "COUNT", "\(depth)", "STREAMS", key, ">")
        var total = 0
        while true {
            try send(read)
            var words = [Array("XACK".utf8), Array(key.utf8), Array("g".utf8)]
            let count = try replies(1) { words.append(Array($0)) }
            guard count > 0 else { return total }
            total += count
            try send(Self.packed(words))
            try replies(1)
        }
    }

    /// Waits for one entry, and acknowledges it after `arrived`.
    func take(_ key: String, arrived: () -> Void) throws {
        try send(Self.packed("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "BLOCK", "0", "STREAMS", key, ">"))
        var words = [Array("XACK".utf8), Array(key.utf8), Array("g".utf8)]
        try replies(1) { words.append(Array($0)) }
        arrived()
        try send(Self.packed(words))
        try replies(1)
    }
}
