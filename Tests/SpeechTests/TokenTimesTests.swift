import Speech
import Testing

@Suite struct `Token times` {
    @Test func `give a silent token the gap that it stands in`() {
        #expect(TokenTimes.filled([0..<10, nil, 40..<50], length: 60, minimum: 5) == [0..<10, 10..<40, 40..<50])
        #expect(TokenTimes.filled([nil, nil, 40..<50], length: 50, minimum: 5) == [0..<20, 20..<40, 40..<50])
        #expect(TokenTimes.filled([0..<10, nil], length: 30, minimum: 5) == [0..<10, 10..<30])
    }

    @Test func `take from the word beside it where there is no gap`() {
        #expect(TokenTimes.filled([0..<20, nil, 20..<30], length: 30, minimum: 4) == [0..<16, 16..<20, 20..<30])
        #expect(TokenTimes.filled([nil, 0..<20], length: 20, minimum: 4) == [0..<4, 4..<20])
        // Not more than the word has.
        #expect(TokenTimes.filled([0..<4, nil], length: 4, minimum: 100) == [0..<2, 2..<4])
    }

    @Test func `divide everything equally when nothing is known`() {
        #expect(TokenTimes.filled([nil, nil], length: 10, minimum: 1) == [0..<5, 5..<10])
        #expect(TokenTimes.filled([], length: 0, minimum: 1) == [])
    }

    @Test func `are always full, ordered and inside, whatever is known`() {
        var random = SplitMix(state: 7)
        for _ in 0..<3_000 {
            let count = Int.random(in: 1...12, using: &random)
            let length = Int.random(in: count...60, using: &random)
            var spans: [Range<Int>?] = []
            var end = 0
            for _ in 0..<count {
                let start = Int.random(in: end...length, using: &random)
                let stop = Int.random(in: start...length, using: &random)
                if stop > start, Bool.random(using: &random) {
                    spans.append(start..<stop)
                    end = stop
                } else {
                    spans.append(nil)
                }
            }
            let times = TokenTimes.filled(spans, length: length, minimum: 3)
            #expect(times.count == count)
            #expect(
                times.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= length }, "\(spans) \(length)")
            #expect(zip(times, times.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }, "\(spans) \(length)")
        }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
