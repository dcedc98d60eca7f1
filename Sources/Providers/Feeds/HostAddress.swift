import Glibc

/// An IP address of a host: 4 bytes or 16.
struct HostAddress: Sendable, Equatable, CustomStringConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Whether it belongs to the public internet: none of IANA's special-purpose addresses (RFC 6890 and its registries),
    /// so that a feed's address can't reach this machine, its network or a cloud's metadata service.
    var isPublic: Bool {
        guard bytes.count == 16 else { return Self.isPublic(four: bytes[...]) }
        // 64:ff9b::/96 is IPv4 seen through a network's NAT64.
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) {
            return Self.isPublic(four: bytes[12...])
        }
        // Outside 2000::/3 nothing is global: loopback, mapped IPv4, link-local, unique local, multicast.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        let head = UInt32(bytes[0]) << 24 | UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8 | UInt32(bytes[3])
        if head >> 9 == 0x2001_0000 >> 9 { return false }  // 2001::/23: Teredo, benchmarks, ORCHID
        if head == 0x2001_0DB8 { return false }  // documentation
        if head >> 16 == 0x2002 { return false }  // 6to4: IPv4 in disguise
        return head >> 12 != 0x3FFF0  // documentation
    }

    private static func isPublic(four bytes: ArraySlice<UInt8>) -> Bool {
        let (a, b, c) = (bytes[bytes.startIndex], bytes[bytes.startIndex + 1], bytes[bytes.startIndex + 2])
        switch (a, b, c) {
        case (0, _, _), (10, _, _), (127, _, _): return false
        case (100, 64...127, _): return false  // carrier-grade NAT
        case (169, 254, _): return false  // link-local, cloud metadata
        case (172, 16...31, _), (192, 168, _): return false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 51, 100), (203, 0, 113): return false
        case (198, 18...19, _): return false  // benchmarks
        case (224..., _, _): return false  // multicast, reserved, broadcast
        default: return true
        }
    }

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 16 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count)) != nil else {
            return "?"
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
