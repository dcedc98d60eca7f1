/// Random numbers that a seed decides: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64, _ what: String = "") {
        state = what.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func falls(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    mutating func pick<Element>(_ all: [Element]) -> Element { all[Int.random(in: all.indices, using: &self)] }

    /// The first more often than the last: the k-th with a share of 1/k (Zipf), as words and wishes have it.
    mutating func favourite<Element>(_ all: [Element]) -> Element {
        let weights = all.indices.map { 1 / Double($0 + 1) }
        var rest = Double.random(in: 0..<weights.reduce(0, +), using: &self)
        for (element, weight) in zip(all, weights) {
            rest -= weight
            if rest < 0 { return element }
        }
        return all[all.count - 1]
    }
}
