/// Choices that follow from a seed: the same seed, the same choices.
enum Mixing {
    /// FNV-1a of the question, then SplitMix64's finish (Steele, Lea and Flood, 2014).
    static func value(_ seed: UInt64, _ question: String) -> UInt64 {
        let hash = question.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var z = seed ^ hash &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
