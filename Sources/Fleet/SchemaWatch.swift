import Ledger
import Logging
import Telemetry

/// Notices that the database was migrated under a running worker.
///
/// A migration only adds, so that the release before it works on the newer database too: the worker goes on, and says
/// once that it should be restarted. At its start a worker is strict instead (``ReadyCheck``): nothing tells it how far
/// the two are apart.
struct SchemaWatch: Sendable {
    let ledger: Ledger
    let logger: Logger

    /// Looks every so often until cancelled, or until it has told `found`.
    func run(every interval: Duration, found: () -> Void) async {
        while (try? await Task.sleep(for: interval)) != nil {
            // While Postgres is away, others say so.
            guard let newest = try? await ledger.newestSchema(), newest > Ledger.knownSchema else { continue }
            logger.warning(
                "the database is newer than this program",
                metadata: [
                    LogKey.reason: "it is at migration \(newest), this program knows \(Ledger.knownSchema)",
                    LogKey.next: "works on; restart with the new release",
                ])
            found()
            return
        }
    }
}
