import Media

/// Choices that follow from a seed: the same seed, the same choices, whatever else is decided meanwhile.
struct Dice: RandomNumberGenerator {
    private var chance: SplitMix64

    /// - Parameters:
    ///   - question: what is chosen; each question has its own choices.
    ///   - index: which of several of its kind.
    init(_ seed: UInt64, _ question: String, _ index: Int = 0) {
        // FNV-1a, 64 bits.
        let hash = question.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        chance = SplitMix64(seed ^ hash &+ UInt64(bitPattern: Int64(index)) &* 0xD1B5_4A32_D192_ED03)
        _ = next()
    }

    mutating func next() -> UInt64 { chance.next() }

    /// 0 to 1.
    mutating func share() -> Double { chance.share() }

    /// Nil of nothing.
    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(next() % UInt64(elements.count))]
    }
}
