import Postgres

/// Why a drill failed, with the history of the jobs that it concerns.
struct DrillFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// An error in the middle of a drill, with the story of what was under way then.
    init(_ error: any Error, in fleet: FaultFleet) async {
        if error is Self, "\(error)".contains("── job") {
            description = "\(error)"
            return
        }
        let unfinished = try? await fleet.database.query("SELECT id FROM jobs WHERE finished_at IS NULL ORDER BY id")
            .prefix(3).map { try $0.get("id", as: Int64.self) }
        var text = "\(error)\n"
        for job in unfinished ?? [] { text += await fleet.history(of: job) }
        description = text + fleet.logs().suffix(6_000)
    }
}
