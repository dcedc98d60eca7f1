/// One measurement, which gives one or more figures.
protocol Benchmark: Sendable {
    /// `queue.drain`: its group, a dot, what it measures.
    var name: String { get }
    /// The names of its figures; its own alone unless it gives several.
    var figures: [String] { get }
    /// For people, on stderr: what is compared with what.
    var about: String { get }

    func run() async throws -> [Figure]

    /// The same for one of its figures alone, where it can measure that by itself; nil: all.
    func run(only: String?) async throws -> [Figure]
}

extension Benchmark {
    var figures: [String] { [name] }
    func run(only: String?) async throws -> [Figure] { try await run() }
}
