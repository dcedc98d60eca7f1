import ArgumentParser
import Fleet
import Foundation
import Ledger
import Secrets
import Telemetry

struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "The keys under which tokens are kept.",
        discussion: """
            Tokens stand encrypted in Postgres. The keys are in one file (secrets.key-file), which only who publishes and who \
            connects accounts can read; without it the tokens are lost, and the accounts have to be connected again.

            To change the key: add one, restart the upload workers where systemd hands them the file, rotate, and take the old \
            line out of the file.

            Examples:
              ytempire secret key
              ytempire secret key --add && systemctl try-restart 'ytempire-upload@*' && ytempire secret rotate
            """,
        subcommands: [Key.self, Rotate.self])

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make the key file, or a further key in it.")

        @Flag(help: "Add a key to the file: it encrypts from now on, the others go on decrypting.") var add = false
        @OptionGroup var fleet: FleetOptions

        func run() async throws {
            let path = try await fleet.configuration().keyFile
            guard add || !FileManager.default.fileExists(atPath: path) else {
                writeToStandardError(
                    "ytempire: There is \(path) already. `ytempire secret key --add` adds a key to it.\n")
                throw ExitCode.failure
            }
            do {
                let ring = try KeyFile(path: path).add()
                print(
                    "\(path) holds \(ring.keys.count == 1 ? "a key" : "\(ring.keys.count) keys"), the first is \(ring.keys[0].id)."
                )
                print(
                    ring.keys.count == 1
                        ? "Keep a copy of the file where backups of the database are not. Under systemd upload workers get it at their start: systemctl restart ytempire.target"
                        : "Restart the upload workers if systemd hands them the file, then: ytempire secret rotate")
            } catch {
                writeToStandardError("ytempire: \(error)\n")
                throw ExitCode.failure
            }
        }
    }

    struct Rotate: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Encrypt all tokens and the addresses of open uploads anew by the key file's first key, while the fleet runs.",
            discussion: "Safe to break off and to repeat: what is done is done, and done once.")

        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let keys = KeyFile(environment: ProcessInfo.processInfo.environment, path: services.configuration.keyFile)
            let ring = try open(keys)
            let rotated = try await LedgerAccounts(services.ledger, sealing: keys).rotate()
            try await services.ledger.keep(
                Operator.current().note("secret rotate", "to key \(ring.keys[0].id)", reason: ""))
            try show(rotated) { rotated in
                var lines = [
                    rotated.resealed == 0
                        ? "Everything was under key \(ring.keys[0].id) already."
                        : "\(rotated.resealed) secrets are under key \(ring.keys[0].id) now."
                ]
                if rotated.unopened.isEmpty, ring.keys.count > 1 {
                    lines.append("The other keys can be taken out of \(keys.path).")
                }
                lines += rotated.unopened.map { "WARNING: \($0)" }
                return lines.joined(separator: "\n") + "\n"
            }
            guard rotated.unopened.isEmpty else { throw ExitCode.failure }
        }
    }
}

extension FleetCommand {
    /// The keys, or the end of the command with what mends them.
    func open(_ keys: KeyFile) throws -> KeyRing {
        do {
            return try keys.load()
        } catch {
            complain("\(error)")
            throw ExitCode.failure
        }
    }
}
