import ArgumentParser
import Fleet
import Ledger
import Postgres

struct MigrateCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database to what this version needs.",
        discussion: "Safe to run at any time, by any number of people at once, and while workers run.")

    @OptionGroup var options: CommandOptions
    @Flag(help: "Only show what would be applied.")
    var dryRun = false

    func run(with services: FleetServices) async throws {
        let migrator = Migrator(migrations: ledgerMigrations)
        let names =
            dryRun
            ? try await migrator.plan(on: services.database).pending.map(\.name)
            : try await migrator.migrate(on: services.database).map(\.name)
        try show(names) { names in
            names.isEmpty
                ? "The database is up to date.\n"
                : names.map { "\(dryRun ? "would apply" : "applied") \($0)\n" }.joined()
        }
    }
}
