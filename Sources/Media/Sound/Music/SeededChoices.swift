/// Choices that look random and depend on nothing but a seed (SplitMix64; Steele, Lea and Flood, 2014).
struct SeededChoices {
    private var state: UInt64

    /// - Parameter place: what is chosen for, so that one choice more somewhere changes nothing elsewhere.
    init(_ seed: UInt64, _ place: UInt64 = 0) {
        state = seed ^ (place &* 0xD6E8_FEB8_6659_FD93)
        _ = bits()
    }

    private mutating func bits() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(bits() >> 11) / Double(1 << 53)
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(bits() % UInt64(range.count))
    }

    mutating func happens(_ probability: Double) -> Bool { number(0...1) < probability }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[integer(0...elements.count - 1)] }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(last, integer(0...last)) }
        return elements
    }
}
