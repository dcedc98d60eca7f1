import Glibc
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 2: SIGSTOP past the lease, then SIGCONT.
    static let zombies: [Drill] = [
        ("its commit", "commit.before"), ("its acknowledgement", "script.before"), ("its renewal", "work.within"),
        ("its publication step", "publication.sending.before"), ("its publishing", "publication.send.before"),
        ("its word of the publication", "publication.mark.before"),
    ].map { what, point in
        Drill(
            2, "a worker stopped past its lease, then continued: \(what) changes nothing", quick: what == "its commit"
        ) {
            let stage = point.hasPrefix("publication") ? "upload" : "render"
            var options = FaultFleet.Options()
            options.settings = ["\(stage).slots": "2", "testing.duration": "200ms"]
            return try await FaultFleet.with(options) { fleet in
                try await fleet.addUsers(3)
                try fleet.start(failpoints: ["\(stage)-1": "\(point)=stop@1"])
                try await fleet.open("2026-05-01")
                let zombie = try fleet.worker("\(stage)-1")
                try await eventually("\(stage)-1 stands still", within: .seconds(60)) { zombie.isStopped }
                let stopped = try await fleet.now()
                try fleet.start([.init(rawValue: stage) ?? .render], each: 2)  // its own name too: it gets a fresh one
                try await fleet.finish()
                let recovery = try await fleet.texts(
                    """
                    SELECT COALESCE(extract(epoch FROM min(started_at) - \(stopped)::text::timestamptz), 0)::text
                    FROM attempts WHERE stage = \(stage) AND started_at > \(stopped)::text::timestamptz
                    """
                ).first.flatMap(Double.init)
                zombie.run.signal(SIGCONT)
                // It has woken, and done what it was about to do, once it beats again.
                try await eventually("\(stage)-1 beats again", within: .seconds(30)) {
                    try await fleet.number(
                        """
                        SELECT count(*) FROM workers WHERE name = \(zombie.run.name) AND beat_at > now() - interval '2 s'
                        """) == 1
                }
                try await fleet.open("2026-05-02")
                try await fleet.finish()
                return Outcome(try await Oracle(fleet).check(), recovery: recovery)
            }
        }
    }
}
