import ArgumentParser
import Fleet
import Foundation
import Ledger
import Production

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "The accounts through which videos are published.",
        discussion: """
            An account publishes for the channels that are assigned to it; where several may, a job goes to the one that was \
            used least today. Tokens are shown nowhere.

            Examples:
              ytempire account connect main --user anna --channel News
              ytempire account list
              ytempire account assign main anna News
              ytempire account disconnect main --reason "left the team"
            """,
        subcommands: [Connect.self, List.self, Show.self, Assign.self, Disconnect.self])

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Show all accounts.")

        @Flag(help: "Also those that were disconnected.") var all = false
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let clock = services.clock
            try show(await services.ledger.accounts(revoked: all)) { accounts in
                var table = Table(
                    "ACCOUNT", "PROVIDER", Column("PUBLISHES TO", .clipped), "STATE", "TODAY",
                    Column("FOR CHANNELS", .clipped),
                    empty: "No account is connected. `ytempire account connect NAME` connects one.")
                for account in accounts {
                    table.add(
                        account.name, account.provider, account.remoteTitle, account.standing(clock),
                        "\(account.usedToday)", account.channels.joined(separator: "; "))
                }
                return table.text
            }
        }
    }

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Tell all of an account, but its tokens.")

        @Argument(help: "The account's name.") var account: String
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let clock = services.clock
            try show(await services.ledger.account(named: account)) { account in
                let words = [
                    ("number", "\(account.id)"), ("provider", account.provider),
                    ("publishes to", "\(account.remoteTitle) (\(account.remoteChannel))"),
                    ("state", account.standing(clock)), ("connected", clock.moment(account.connectedAt)),
                    ("may", account.scopes.joined(separator: ", ")),
                    ("for channels", account.channels.isEmpty ? "none yet" : account.channels.joined(separator: "; ")),
                    ("chosen today", "\(account.usedToday) times"),
                ]
                return "\(account.name)\n"
                    + words.map { "  " + $0.padding(toLength: 15, withPad: " ", startingAt: 0) + $1 + "\n" }.joined()
            }
        }
    }

    struct Assign: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an account publish for a channel, or no longer.",
            discussion: "Example:\n  ytempire account assign main anna News")

        @Argument(help: "The account's name.") var account: String
        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @Flag(help: "Let it publish there no longer.") var remove = false
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let ledger = services.ledger
            let account = try await ledger.account(named: account)
            guard account.state != .revoked || remove else {
                throw LedgerError(
                    .refused, "\(account.name) is disconnected. `ytempire account connect \(account.name)` connects it."
                )
            }
            let user = try await ledger.user(named: user)
            let channel = try await ledger.channel(named: channel, of: user)
            try await ledger.assign(account.id, to: channel.id, !remove)
            let subject = "\(account.name) \(user.name) '\(channel.name)'"
            try await ledger.keep(
                Operator.current().note(remove ? "account assign --remove" : "account assign", subject, reason: ""))
            try show(await ledger.account(named: account.name)) {
                "\($0.name) publishes for \($0.channels.isEmpty ? "no channel" : $0.channels.joined(separator: "; ")).\n"
            }
        }
    }
}

extension AccountReport {
    /// `parked until 09:00: uploadLimitExceeded`
    fileprivate func standing(_ clock: FleetClock) -> String {
        guard let parkedBecause else { return state == .revoked ? "disconnected" : state.rawValue }
        let until = parkedUntil.map { "until \(clock.moment($0))" } ?? "until it is connected again"
        return "parked \(until): \(parkedBecause)"
    }
}
