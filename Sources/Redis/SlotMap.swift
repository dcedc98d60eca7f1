/// Which primary of a Redis Cluster serves which slot.
struct SlotMap: Sendable {
    typealias Address = RedisConfiguration.Address

    private(set) var primaries: [Address] = []
    /// For each slot the index of its primary; nobody's is `nobody`.
    private var owners = [UInt16](repeating: nobody, count: HashSlot.count)

    private static let nobody = UInt16.max

    /// Reads the answer to `CLUSTER SLOTS`. Of the ways to ask, it is the one that every version and clone has, names the port that fits the
    /// connection it is asked on (plain or TLS), and lists first who serves the slots now.
    ///
    /// - Parameter origin: who answered.
    init(_ reply: RedisReply, from origin: Address) throws(RedisError) {
        for range in try reply.array() {
            let parts = try range.array()
            guard parts.count >= 3 else { throw range.unexpected("a range of slots and its servers") }
            let (first, last) = (try parts[0].integer(), try parts[1].integer())
            let server = try parts[2].array()
            guard server.count >= 2, (0...last).contains(first), last < HashSlot.count,
                let address = Address(
                    host: try server[0].optionalString(), port: Int(try server[1].integer()), sameHostAs: origin)
            else { throw range.unexpected("a range of slots and its servers") }
            let index = index(of: address)
            for slot in Int(first)...Int(last) { owners[slot] = index }
        }
    }

    var isEmpty: Bool { primaries.isEmpty }

    /// Nil while no server has the slot.
    func primary(of slot: HashSlot) -> Address? {
        let index = owners[slot.number]
        return index == Self.nobody ? nil : primaries[Int(index)]
    }

    mutating func move(_ slot: HashSlot, to address: Address) {
        owners[slot.number] = index(of: address)
    }

    private mutating func index(of address: Address) -> UInt16 {
        if let index = primaries.firstIndex(of: address) { return UInt16(index) }
        primaries.append(address)
        return UInt16(primaries.count - 1)
    }
}
