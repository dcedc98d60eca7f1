package import FoundationEssentials

extension UUID {
    /// A new id that sorts behind those made before: 48 bits of milliseconds since 1970, then 74 random ones (RFC 9562,
    /// version 7).
    ///
    /// Ids that are drawn at random land all over an index, and what a row costs then grows with how many there have been:
    /// each touches a page of its own. These land at its end, however long the history before it.
    package static func ordered(
        at moment: Date = Date(), using random: inout some RandomNumberGenerator
    ) -> UUID {
        let milliseconds = UInt64(max(0, moment.timeIntervalSince1970 * 1_000))
        let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0...0xfff, using: &random)
        let low = UInt64.random(in: 0...(.max >> 2), using: &random) | 1 << 63
        let b = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return UUID(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            ))
    }

    package static func ordered() -> UUID {
        var random = SystemRandomNumberGenerator()
        return ordered(using: &random)
    }
}
