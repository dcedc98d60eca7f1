import Production

/// Reads keys and gathers everything that is wrong, so that a person mends a file once instead of once a mistake.
///
/// swift-configuration reads the places; it throws at the first problem, takes a bad optional value for none, and does
/// not notice unknown keys, so values are read as text here and parsed by us.
final class ConfigurationCollector {
    private let sources: [ConfigurationSource]
    private let program: FleetProgram
    private(set) var problems: [ConfigurationProblem] = []
    /// Keys that are missing, and that this program can do without.
    private(set) var lacking: [ConfigurationProblem] = []
    /// Every key that was read so far.
    private(set) var known: Set<String> = []

    init(_ sources: [ConfigurationSource], for program: FleetProgram = .command) {
        (self.sources, self.program) = (sources, program)
    }

    /// The strongest value of a key, parsed; the default if there is none; the default and a problem if it is wrong.
    func read<Value>(
        _ key: String, default standard: Value, expected: String, secret: Bool = false, _ parse: (String) -> Value?
    ) -> Value {
        guard let (text, place) = find(key) else { return standard }
        guard let value = parse(text) else {
            report(key, place: place, found: secret ? nil : text, expected: expected)
            return standard
        }
        return value
    }

    func string(_ key: String, default standard: String) -> String {
        read(key, default: standard, expected: "it must not be empty") { $0.isEmpty ? nil : $0 }
    }

    func optionalString(_ key: String) -> String? {
        read(key, default: nil, expected: "it must not be empty") { $0.isEmpty ? nil : .some($0) } ?? nil
    }

    func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        read(
            key, default: standard,
            expected: "it should be a whole number from \(range.lowerBound) to \(range.upperBound)"
        ) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        read(
            key, default: nil,
            expected: "it should be a whole number from \(range.lowerBound) to \(range.upperBound), or be left out"
        ) { Int($0).flatMap { range.contains($0) ? .some($0) : nil } } ?? nil
    }

    func flag(_ key: String, default standard: Bool) -> Bool {
        read(key, default: standard, expected: "it should be true or false") {
            switch $0.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        }
    }

    /// A duration, such as `90`, `90s`, `15m`, `6h`, `30d`; a bare number is seconds.
    func duration(_ key: String, default standard: Duration, in range: ClosedRange<Duration>) -> Duration {
        read(
            key, default: standard, expected: "it should be a duration such as 30s, 15m, 6h or 30d, in a sensible range"
        ) {
            Duration(written: $0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func dollars(_ key: String, default standard: MicroDollars) -> MicroDollars {
        read(
            key, default: standard, expected: "it should be an amount in dollars, such as 3.00, with up to six decimals"
        ) {
            MicroDollars(dollars: $0).flatMap { $0 >= .zero ? $0 : nil }
        }
    }

    func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String, default standard: Value) -> Value {
        let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return read(key, default: standard, expected: "it should be one of \(choices)") { Value(rawValue: $0) }
    }

    /// Whether some place gives the key a value.
    func stands(_ key: String) -> Bool { find(key) != nil }

    func report(_ key: String, expected: String) {
        let place = find(key)?.place
        problems.append(ConfigurationProblem(key: key, source: place, found: nil, expected: expected))
    }

    /// A secret is missing: a problem to the programs that work with it.
    func lacks(_ key: String, because reason: String, for programs: Set<FleetProgram>) {
        let problem = ConfigurationProblem(
            key: key, source: nil, found: nil,
            expected: "\(reason). It belongs into /etc/credstore/\(ConfigurationSource.storeName(of: key)), or into "
                + ConfigurationSource.variableName(of: key))
        if programs.contains(program) { problems.append(problem) } else { lacking.append(problem) }
    }

    /// Call last: every key that stands somewhere and was not read is a mistake, and probably a misspelling.
    func reportUnknownKeys() {
        let variables = Dictionary(uniqueKeysWithValues: known.map { (ConfigurationSource.variableName(of: $0), $0) })
        for source in sources {
            for key in source.keys where !known.contains(key) && variables[key] == nil {
                let candidates = key.hasPrefix("YTEMPIRE_") ? Array(variables.keys) : Array(known)
                let nearest = candidates.min { ($0.distance(to: key), $0) < ($1.distance(to: key), $1) }
                let hint = nearest.map { "; the nearest is \($0)" } ?? ""
                problems.append(
                    ConfigurationProblem(
                        key: key, source: source.place(key), found: nil, expected: "there is no such key\(hint)"))
            }
        }
    }

    private func find(_ key: String) -> (text: String, place: String)? {
        known.insert(key)
        for source in sources {
            do {
                if let text = try source.value(key) { return (text, source.place(key)) }
            } catch {
                report(key, place: source.place(key), found: nil, expected: "it should be a single value")
            }
        }
        return nil
    }

    private func report(_ key: String, place: String, found: String?, expected: String) {
        problems.append(ConfigurationProblem(key: key, source: place, found: found, expected: expected))
    }
}

extension Duration {
    /// Reads `90`, `90s`, `1.5h`, `15m`, `6h`, `30d`, `250ms`.
    init?(written text: String) {
        let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
        let unit = units.first { text.hasSuffix($0.0) }
        let digits = text.dropLast(unit?.0.count ?? 0)
        // Double would also read 0x10, 1e3 and infinity.
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let number = Double(digits), number < 1e10
        else { return nil }
        self = .milliseconds(Int64((number * (unit?.1 ?? 1) * 1_000).rounded()))
    }
}
