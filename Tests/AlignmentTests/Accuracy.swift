/// How near found times are to the true ones.
struct Accuracy: CustomStringConvertible {
    /// Of each word, how far the worse of its start and its end is off, in seconds.
    let errors: [Double]
    let starts: [Double]
    let ends: [Double]

    init(of found: [Range<Double>], truth: [Range<Double>]) {
        starts = zip(found, truth).map { abs($0.lowerBound - $1.lowerBound) }
        ends = zip(found, truth).map { abs($0.upperBound - $1.upperBound) }
        errors = zip(starts, ends).map { max($0, $1) }
    }

    /// The part of the words whose start and end are both within 80 ms of the truth.
    var near: Double { Self.near(errors) }

    private static func near(_ errors: [Double]) -> Double {
        Double(errors.count { $0 <= 0.08 }) / Double(max(1, errors.count))
    }

    private func percent(_ part: Double) -> String { "\((part * 1_000).rounded() / 10) %" }

    private func quantile(_ part: Double) -> String {
        let sorted = errors.sorted()
        guard !sorted.isEmpty else { return "-" }
        return "\((sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))] * 1_000).rounded()) ms"
    }

    var description: String {
        """
        within 80 ms: \(percent(near)) of \(errors.count) words (starts \(percent(Self.near(starts))), ends \
        \(percent(Self.near(ends)))); median \(quantile(0.5)), 95th \(quantile(0.95)), worst \(quantile(1))
        """
    }
}
