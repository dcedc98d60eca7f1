/// Choices that look random and depend on nothing but a seed.
struct SeededChoices {
    private var chance: SplitMix64

    /// - Parameter place: what is chosen for, so that one choice more somewhere changes nothing elsewhere.
    init(_ seed: UInt64, _ place: UInt64 = 0) {
        chance = SplitMix64(seed ^ (place &* 0xD6E8_FEB8_6659_FD93))
        _ = chance.next()
    }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * chance.share()
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(chance.next() % UInt64(range.count))
    }

    mutating func happens(_ probability: Double) -> Bool { number(0...1) < probability }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[integer(0...elements.count - 1)] }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(last, integer(0...last)) }
        return elements
    }
}
