/// Samples of metrics, and their text in the format that Prometheus reads
/// (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
package struct MetricText: Sendable {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private var samples: [MetricFamily: [String]] = [:]

    package init() {}

    /// - Parameter labels: the values of the family's labels, in its order.
    package mutating func add(_ family: MetricFamily, _ value: Double, _ labels: String...) {
        samples[family, default: []].append("\(family.name)\(Self.text(family.labels, labels)) \(Self.text(value))")
    }

    package mutating func add(_ family: MetricFamily, _ value: Int, _ labels: String...) {
        samples[family, default: []].append("\(family.name)\(Self.text(family.labels, labels)) \(value)")
    }

    package mutating func add(_ family: MetricFamily, _ histogram: MetricHistogram, _ labels: String...) {
        var lines: [String] = []
        var count = 0
        let bounds = family.buckets.map(Self.text) + ["+Inf"]
        for (bound, number) in zip(bounds, histogram.counts) {
            count += number
            lines.append("\(family.name)_bucket\(Self.text(family.labels + ["le"], labels + [bound])) \(count)")
        }
        lines.append("\(family.name)_sum\(Self.text(family.labels, labels)) \(Self.text(histogram.sum))")
        lines.append("\(family.name)_count\(Self.text(family.labels, labels)) \(count)")
        samples[family, default: []] += lines
    }

    /// Takes in what another program tells of the same metrics: a family's samples must stand together. Metrics that
    /// this program does not know are left out.
    package mutating func add(contentsOf text: String) {
        var families: [String: MetricFamily] = [:]
        for family in MetricFamily.all {
            families[family.name] = family
            guard family.kind == .histogram else { continue }
            for suffix in ["_bucket", "_sum", "_count"] { families[family.name + suffix] = family }
        }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let name = String(line.prefix { $0 != "{" && $0 != " " })
            if let family = families[name] { samples[family, default: []].append(String(line)) }
        }
    }

    package var text: String {
        MetricFamily.all.map { family in
            guard let lines = samples[family] else { return "" }
            return "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n"
                + lines.map { $0 + "\n" }.joined()
        }.joined()
    }

    private static func text(_ names: [String], _ values: [String]) -> String {
        guard !names.isEmpty else { return "" }
        let pairs = zip(names, values).map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

/// How many values fell between which bounds.
package struct MetricHistogram: Sendable, Equatable {
    private let bounds: [Double]
    /// One for each bound, and one for what lies above all of them.
    package private(set) var counts: [Int]
    package private(set) var sum: Double = 0

    package init(of family: MetricFamily) {
        bounds = family.buckets
        counts = Array(repeating: 0, count: family.buckets.count + 1)
    }

    package mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}
