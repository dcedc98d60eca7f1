/// How a measurement is repeated.
enum Timing {
    /// Seconds that `body` took.
    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await body()
        return start.duration(to: clock.now).seconds
    }

    /// The middle one; of an even number, the lower of the two.
    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) / 2]
    }

    /// The value that this share of all values does not exceed.
    static func percentile(_ share: Double, of values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
    }

    /// Ours and the reference by turns, so that a noisy neighbour hits both; the median of each.
    static func alternately(
        _ times: Int, ours: () async throws -> Double, reference: () async throws -> Double
    ) async rethrows -> (ours: Double, reference: Double) {
        var (mine, floor): ([Double], [Double]) = ([], [])
        for _ in 0..<times {
            floor.append(try await reference())
            mine.append(try await ours())
        }
        return (median(mine), median(floor))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
