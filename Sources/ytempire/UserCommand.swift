import ArgumentParser
import Fleet
import Ledger
import Production

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Creators, for each of whom one video a day is made.",
        subcommands: [Add.self, List.self, Edit.self])

    struct Shown: Encodable {
        var id: Int64
        var name: String
        var timeZone: String?

        /// Their production is stopped.
        var stop: PauseReport?

        init(_ user: User, _ stops: [PauseReport] = []) {
            (id, name, timeZone) = (user.id.rawValue, user.name, user.timeZone)
            stop = stops.first { $0.scope == "user" && $0.key == user.name }
        }
    }

    struct Add: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Add a user.")

        @Argument(help: "A name, unique in the fleet.") var name: String
        @Option(help: "IANA time zone of the user's days, such as Europe/Berlin. Default: the fleet's.")
        var timeZone: String?
        @Flag(help: "Succeed without a change if there is such a user.") var ifMissing = false
        @OptionGroup var options: CommandOptions

        func validate() throws { try validateName(name) }

        func run(with services: FleetServices) async throws {
            do {
                let user = try await services.ledger.addUser(named: name, timeZone: timeZone)
                try await services.ledger.keep(Operator.current().note("user add", name, reason: ""))
                try show(Shown(user)) {
                    "Added \($0.name)\($0.timeZone.map { " (\($0))" } ?? "").\n"
                        + "Now give them a channel: `ytempire channel add \($0.name) NAME --source URL-OR-PATH`.\n"
                }
            } catch let error as LedgerError where error.code == .alreadyThere && ifMissing {
                try show(Shown(await services.ledger.user(named: name))) { "\($0.name) is there already.\n" }
            }
        }
    }

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Show all users.")

        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let stops = try await services.ledger.pauses()
            try show(await services.ledger.users().map { Shown($0, stops) }) { users in
                var table = Table(
                    "USER", "TIME ZONE", Column("STOPPED", .clipped),
                    empty: "There are no users yet. `ytempire user add NAME` adds one.")
                for user in users {
                    let stop = user.stop.map { "\(services.clock.age($0.since)) by \($0.who): \($0.reason)" } ?? ""
                    table.add(user.name, user.timeZone ?? "the fleet's", stop)
                }
                let whole = stops.filter { $0.scope == "fleet" }.flatMap { $0.banner(services.clock) }
                return table.text + (whole.isEmpty ? "" : "\n" + whole.joined(separator: "\n") + "\n")
            }
        }
    }

    struct Edit: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Change a user's name or time zone.")

        @Argument(help: "The user's name.") var user: String
        @Option(help: "A new name.") var name: String?
        @Option(help: "IANA time zone.") var timeZone: String?
        @OptionGroup var options: CommandOptions

        func validate() throws {
            if let name { try validateName(name) }
            guard name != nil || timeZone != nil else {
                throw ValidationError("Say what to change: --name or --time-zone.")
            }
        }

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let edited = try await services.ledger.editUser(user.id, name: name, timeZone: timeZone)
            let typed = user.name + (name.map { " --name \($0)" } ?? "") + (timeZone.map { " --time-zone \($0)" } ?? "")
            try await services.ledger.keep(Operator.current().note("user edit", typed, reason: ""))
            try show(Shown(edited)) { "\($0.name)\($0.timeZone.map { " (\($0))" } ?? "")\n" }
        }
    }
}

/// Names are shown in tables and folders: something visible, no control characters, not too long.
func validateName(_ name: String) throws {
    guard name.count <= 100, name.contains(where: { !$0.isWhitespace }), name.first?.isWhitespace == false,
        name.last?.isWhitespace == false,
        !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
        throw ValidationError(
            "A name is 1 to 100 characters, without control characters and without blanks at its ends.")
    }
}
