import Media

/// Random numbers that a seed decides.
struct Dice: RandomNumberGenerator {
    private var chance: SplitMix64

    init(_ seed: UInt64, _ what: String = "") {
        chance = SplitMix64(what.utf8.reduce(seed ^ 0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    mutating func next() -> UInt64 { chance.next() }

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
