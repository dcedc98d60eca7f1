/// One measurement, which gives one or more figures.
protocol Benchmark: Sendable {
    /// `queue.drain`: its group, a dot, what it measures.
    var name: String { get }
    /// The names of its figures; its own alone unless it gives several.
    var figures: [String] { get }
    /// For people, on stderr: what is compared with what.
    var about: String { get }

    func run() async throws -> [Figure]
}

extension Benchmark {
    var figures: [String] { [name] }
}
