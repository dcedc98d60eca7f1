import Foundation
import Postgres
import TestServers

/// The coordinator, as cron runs it, opens a day for a million users: each a job in Postgres and a delivery in Redis.
struct FleetOpenDay: Benchmark {
    let name = "fleet.open_day"
    let figures = ["fleet.open_day_seconds", "fleet.open_day_rss_mb", "fleet.idle_tick_seconds"]
    let about =
        "ytempire-coordinator opens a day for \(Self.users) users, s and MB at its peak; then a tick with nothing to do, s; reference: the aims"
    static let users = 1_000_000

    func run() async throws -> [Figure] {
        try await FleetBench.with { bench in
            try await bench.addUsers(Self.users)
            try await bench.database.execute("CHECKPOINT")
            let (seconds, megabytes) = try await tick(bench)
            let jobs: Int64 = try await bench.database.query("SELECT count(*) FROM jobs")[0].get(0)
            guard jobs == Self.users else { throw ServerError("\(jobs) jobs were opened") }
            let (idle, _) = try await tick(bench)
            return [
                Figure(name: figures[0], ours: seconds, reference: 60),
                Figure(name: figures[1], ours: megabytes, reference: 200),
                Figure(name: figures[2], ours: idle, reference: 60),
            ]
        }
    }

    /// How long a run takes, and the most memory it held, by its own process' account.
    private func tick(_ bench: FleetBench) async throws -> (seconds: Double, megabytes: Double) {
        let clock = ContinuousClock()
        let begun = clock.now
        let process = try ServerProcess(
            try Program.path("ytempire-coordinator"), ["--config", bench.configuration, "--day", "2026-01-05"],
            in: ServerFolder())
        var peak = 0.0
        while let status = try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        {
            peak = max(peak, kilobytes / 1_024)
            try await Task.sleep(for: .milliseconds(20))
        }
        await process.exited()
        let seconds = begun.duration(to: clock.now).seconds
        Progress.say("  \(process.log)")
        return (seconds, peak)
    }
}
