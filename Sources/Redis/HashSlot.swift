/// One of the 16,384 slots over which a Redis Cluster spreads its keys: CRC-16 (XMODEM) of the key, or of its hash tag, as the cluster
/// specification says (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/).
public struct HashSlot: Sendable, Hashable {
    public static let count = 16_384

    /// 0 to 16,383.
    public let number: Int

    /// Nil outside 0 to 16,383.
    public init?(number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    public init(of key: String) {
        self.init(of: Array(key.utf8))
    }

    public init(of key: [UInt8]) {
        number = key.withUnsafeBufferPointer { bytes in
            Int(Self.checksum(Self.hashed(bytes)) & UInt16(Self.count - 1))
        }
    }

    /// What stands between the first `{` and the next `}`, unless that is nothing; else the whole key.
    static func hashed(_ key: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key[...] }
        let rest = key[(open + 1)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > rest.startIndex else { return key[...] }
        return rest[..<close]
    }

    private static func checksum(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt16 {
        var sum: UInt16 = 0
        for byte in bytes { sum = sum << 8 ^ table[Int(sum >> 8) ^ Int(byte)] }
        return sum
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
