import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

struct NextCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show when, and on which channel, a user's next daily video comes.")

    @Argument(help: "The user's name.") var user: String
    @OptionGroup var options: CommandOptions

    private struct Shown: Encodable {
        var channel: String
        var localTime: String
        var zone: String
        var instant: Date
        /// What keeps it from being made when it comes.
        var stops: [PauseReport]
    }

    func run(with services: FleetServices) async throws {
        let user = try await services.ledger.user(named: user)
        guard let next = try await services.ledger.nextVideo(for: user) else {
            throw LedgerError(.notFound, try await services.ledger.whyNoChannel(of: user))
        }
        let stops = try await services.ledger.pauses().filter { $0.scope != "user" || $0.key == user.name }
        let shown = Shown(
            channel: next.channel, localTime: next.localTime, zone: next.zone, instant: next.instant, stops: stops)
        try show(shown) { shown in
            "\(shown.channel), from \(shown.localTime) (\(shown.zone)) on\(stops.isEmpty ? "." : "; but as it stands it waits:")\n"
                + stops.flatMap { $0.banner(services.clock) }.map { $0 + "\n" }.joined()
        }
    }
}
