import ArgumentParser
import Fleet
import Foundation
import Telemetry

struct MetricsCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Show how the fleet stands, in Prometheus' text format.",
        discussion: """
            Depth and age of the queues, jobs and dead letters, workers, pauses, and the day's money in US dollars. What \
            each worker counts it tells at its own metrics.listen; those of this host can be taken in here, so that one \
            address serves a whole machine: --workers '/run/ytempire/*/metrics.sock'.
            """)

    @Option(
        help: ArgumentHelp(
            "Serve it at http://ADDRESS/metrics until stopped, asked anew at each scrape: 127.0.0.1:9464, [::1]:9464 or unix:/path.",
            valueName: "address"))
    var listen: String?

    @Option(
        help: ArgumentHelp("Take in what the workers at these unix sockets tell.", valueName: "pattern"))
    var workers: String?

    @OptionGroup var options: CommandOptions

    func validate() throws {
        if let listen, MetricAddress(listen) == nil {
            throw ValidationError(
                "--listen should be 127.0.0.1:PORT, [::1]:PORT or unix:/path: metrics have no password.")
        }
        if options.json { throw ValidationError("Metrics have a format of their own; leave out --json.") }
    }

    func run(with services: FleetServices) async throws {
        let metrics = FleetMetrics(services: services)
        guard let listen, let address = MetricAddress(listen) else {
            print(await metrics.text(with: await told()), terminator: "")
            return
        }
        try await MetricServer(at: address) { await metrics.text(with: await told()) }.run { address in
            writeToStandardError("ytempire: metrics at \(address)\n")
        }
    }

    /// What the workers tell. One that has just gone tells nothing, which is no news here.
    private func told() async -> [String] {
        guard let workers else { return [] }
        return await withTaskGroup { group in
            for path in SocketPaths.matching(workers) {
                group.addTask { await MetricScrape(of: path).text() }
            }
            var texts: [String] = []
            for await text in group { if let text { texts.append(text) } }
            return texts.sorted()
        }
    }
}
