import ArgumentParser
import Foundation

/// Measures what the README claims. One line a figure on stdout, `bench NAME OURS REFERENCE RATIO`; everything else goes to stderr.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks",
        abstract: "Measure the queue engine, the fleet, its money and the renderer, each beside its reference.",
        subcommands: [Measure.self, RenderChild.self], defaultSubcommand: Measure.self)
}

struct Measure: AsyncParsableCommand {
    enum Group: String, CaseIterable, ExpressibleByArgument { case queue, fleet, money, render, all }

    static let configuration = CommandConfiguration(abstract: "Measure, and print one line a figure.")

    @Option(help: "Which benchmarks: \(Group.allCases.map(\.rawValue).joined(separator: ", ")).")
    var group = Group.all

    @Option(help: ArgumentHelp("Only this one, e.g. queue.drain.", valueName: "name"))
    var only: String?

    func validate() throws {
        guard let only else { return }
        guard Registry.all.contains(where: { $0.figures.contains(only) || $0.name == only }) else {
            let known = Registry.all.flatMap { $0.figures }.joined(separator: ", ")
            throw ValidationError("There is no benchmark \(only). There are: \(known).")
        }
    }

    func run() async throws {
        var failed = false
        for benchmark in Registry.all where isChosen(benchmark) {
            Progress.say("\(benchmark.name): \(benchmark.about)")
            do {
                for figure in try await benchmark.run(only: only) { print(figure.line) }
                // Into a file, what is measured stays though a later one is interrupted.
                fflush(nil)
            } catch {
                Progress.say("\(benchmark.name) failed: \(error)")
                failed = true
            }
        }
        if failed { throw ExitCode.failure }
    }

    private func isChosen(_ benchmark: any Benchmark) -> Bool {
        if let only { return benchmark.name == only || benchmark.figures.contains(only) }
        return group == .all || benchmark.name.hasPrefix("\(group.rawValue).")
    }
}
