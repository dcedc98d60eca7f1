package import Postgres

/// The ledger's schema, oldest first. A released migration is never edited: what is wrong with it is put right by a
/// later one.
package let ledgerMigrations: [Migration] = [
    Migration(name: "v0001_production", source: PackageResources.v0001_production_sql),
    Migration(name: "v0002_attempts", source: PackageResources.v0002_attempts_sql),
    Migration(name: "v0003_money", source: PackageResources.v0003_money_sql),
    Migration(name: "v0004_batches", source: PackageResources.v0004_batches_sql),
    Migration(name: "v0005_paid_calls", source: PackageResources.v0005_paid_calls_sql),
    Migration(name: "v0006_heat", source: PackageResources.v0006_heat_sql),
    Migration(name: "v0007_by_hand", source: PackageResources.v0007_by_hand_sql),
    Migration(name: "v0008_opening", source: PackageResources.v0008_opening_sql),
    Migration(name: "v0009_second_loss", source: PackageResources.v0009_second_loss_sql),
    Migration(name: "v0010_stops", source: PackageResources.v0010_stops_sql),
    Migration(name: "v0011_paid_batches", source: PackageResources.v0011_paid_batches_sql),
    Migration(name: "v0012_cuts", source: PackageResources.v0012_cuts_sql),
    Migration(name: "v0013_publication", source: PackageResources.v0013_publication_sql),
    Migration(name: "v0014_accounts", source: PackageResources.v0014_accounts_sql),
    Migration(name: "v0015_notices", source: PackageResources.v0015_notices_sql),
    Migration(name: "v0016_stock", source: PackageResources.v0016_stock_sql),
    Migration(name: "v0017_unsent", source: PackageResources.v0017_unsent_sql),
    Migration(name: "v0018_sealed_sessions", source: PackageResources.v0018_sealed_sessions_sql),
    Migration(name: "v0019_nothing_out", source: PackageResources.v0019_nothing_out_sql),
    Migration(name: "v0020_causes", source: PackageResources.v0020_causes_sql),
    Migration(name: "v0021_causes_of_files", source: PackageResources.v0021_causes_of_files_sql),
]
