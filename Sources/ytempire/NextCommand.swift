import ArgumentParser
import Fleet
import Ledger
import Production

struct NextCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show when, and on which channel, a user's next daily video comes.")

    @Argument(help: "The user's name.") var user: String
    @OptionGroup var options: CommandOptions

    func run(with services: FleetServices) async throws {
        let user = try await services.ledger.user(named: user)
        guard let next = try await services.ledger.nextVideo(for: user) else {
            throw LedgerError(
                .notFound,
                "\(user.name) has no active channel. `ytempire channel add \(user.name) NAME --source …` adds one.")
        }
        try show(next) { "\($0.channel), from \($0.localTime) (\($0.zone)) on.\n" }
    }
}
