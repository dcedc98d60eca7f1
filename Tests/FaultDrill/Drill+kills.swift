import Failpoints
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 1: SIGKILL.
    static let kills: [Drill] = [
        Drill(1, "a worker killed at the points around its commit and its publication", quick: true) {
            try await FaultFleet.with(.init()) { fleet in
                try await killAtEachFailpoint(fleet) { point in
                    let isChosen = ["commit.", "script.", "publication.send."].contains { point.rawValue.hasPrefix($0) }
                    return isChosen ? [stage(of: point)] : []
                }
            }
        },
        Drill(1, "each worker killed at each failpoint") {
            try await FaultFleet.with(.init()) { fleet in
                try await killAtEachFailpoint(fleet) { point in
                    point.rawValue.hasPrefix("publication") ? [.upload] : Production.Stage.allCases
                }
            }
        },
        Drill(1, "workers killed at each point of a paid call") {
            var options = FaultFleet.Options()
            options.pays = true
            return try await FaultFleet.with(options) { fleet in
                try await fleet.addUsers(4)
                try fleet.start()
                var day = Days()
                let points = Failpoint.allCases.filter(isOfPaidCall)
                for round in 0..<2 {
                    let restarts = fleet.workers.map(\.restarts)
                    for (index, victim) in fleet.workers.enumerated() {
                        victim.arm("\(points[4 * round + index].rawValue)=kill@2")
                        await victim.run.kill()
                    }
                    try await eventually("all are back, armed", within: .seconds(20)) {
                        zip(fleet.workers, restarts).allSatisfy { $0.restarts > $1 }
                    }
                    for victim in fleet.workers { victim.arm(nil) }
                    try await fleet.open(day.next())
                    try await fleet.finish(within: .seconds(240))
                    guard zip(fleet.workers, restarts).allSatisfy({ $0.restarts > $1 + 1 }) else {
                        throw DrillFailure("not every worker died at its point: \(points)")
                    }
                }
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(1, "a storm: a random worker killed every 300 ms for 10 s", quick: true) {
            try await storm(jobs: 60, seconds: 10, seed: 1, settings: [:])
        },
        Drill(1, "a storm: a random worker killed every 300 ms for 60 s, default lease") {
            try await storm(
                jobs: 200, seconds: 60, seed: 2, settings: ["worker.lease": "20s", "worker.beat": "5s"])
        },
        Drill(1, "a worker killed, its work taken by another: default lease", quick: false) {
            try await recovery(restarted: false)
        },
        Drill(1, "a worker killed, its work taken by its successor: default lease", quick: true) {
            try await recovery(restarted: true)
        },
    ]

    /// Where a worker comes by.
    static let workerFailpoints = Failpoint.allCases.filter {
        !isOfPaidCall($0) && $0 != .dayOpened && $0 != .dayDispatched
    }

    private static func isOfPaidCall(_ point: Failpoint) -> Bool {
        ["reserve.", "provider.", "response.", "settle."].contains { point.rawValue.hasPrefix($0) }
    }

    private static func stage(of point: Failpoint) -> Production.Stage {
        if point.rawValue.hasPrefix("publication") { return .upload }
        if point == .artifactWriteBefore || point == .artifactWriteAfter { return .render }
        let index = workerFailpoints.firstIndex(of: point) ?? 0
        return Production.Stage.allCases[index % Production.Stage.allCases.count]
    }

    private static func killAtEachFailpoint(
        _ fleet: FaultFleet, at stages: (Failpoint) -> [Production.Stage]
    ) async throws -> Outcome {
        try await fleet.addUsers(4)
        try fleet.start()
        var day = Days()
        for point in workerFailpoints {
            for stage in stages(point) {
                if stage == .upload, point == .artifactWriteBefore || point == .artifactWriteAfter { continue }
                let victim = try fleet.worker("\(stage.rawValue)-1")
                victim.arm("\(point.rawValue)=kill@\(point == .loop ? 20 : 2)")
                let before = victim.restarts
                await victim.run.kill()  // comes back armed
                try await eventually("\(stage) is back", within: .seconds(20)) { victim.restarts > before }
                victim.arm(nil)
                try await fleet.open(day.next())
                try await eventually("\(stage) has died at \(point.rawValue)", within: .seconds(60)) {
                    victim.restarts > before + 1
                }
                try await fleet.finish()
            }
        }
        return Outcome(try await Oracle(fleet).check())
    }

    static func storm(jobs: Int, seconds: Int, seed: UInt64, settings: [String: String]) async throws -> Outcome {
        var options = FaultFleet.Options()
        options.settings = settings
        return try await FaultFleet.with(options) { fleet in
            var dice = Dice(seed)
            try await fleet.addUsers(jobs)
            try fleet.start(each: 2)
            try await fleet.open("2026-05-01")
            let end = ContinuousClock.now + .seconds(seconds)
            var extra = Days()
            while ContinuousClock.now < end {
                let victim = fleet.workers.randomElement(using: &dice)
                await victim?.run.kill()
                try await Task.sleep(for: .milliseconds(300))
                // There is always something to lose.
                if try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") == 0 {
                    try await fleet.open(extra.next())
                }
            }
            let still = ContinuousClock.now
            try await fleet.finish()
            return Outcome(
                try await Oracle(fleet).check(), recovery: still.duration(to: .now).inSeconds)
        }
    }

    /// From SIGKILL in the middle of a stage to the last of its jobs being run again, by Postgres' clock.
    private static func recovery(restarted: Bool) async throws -> Outcome {
        var options = FaultFleet.Options()
        options.settings = ["worker.lease": "20s", "worker.beat": "5s", "testing.duration": "3s"]
        return try await FaultFleet.with(options) { fleet in
            try await fleet.addUsers(4)
            try fleet.start([.script, .voice, .upload])
            try fleet.start([.render], each: restarted ? 1 : 2)
            try await fleet.open("2026-05-01")
            let victim = try fleet.worker("render-1")
            try await eventually("it renders", within: .seconds(30)) {
                try await fleet.number(
                    "SELECT count(*) FROM attempts WHERE worker = 'render-1' AND state = 'running'") > 0
            }
            if !restarted { victim.keepDown() }
            let killed = try await fleet.now()
            await victim.run.kill()
            try await fleet.finish()
            let seconds = try await fleet.texts(
                """
                SELECT COALESCE(extract(epoch FROM max(b.started_at) - \(killed)::text::timestamptz)::text, '') FROM attempts a
                JOIN attempts b ON b.job_id = a.job_id AND b.fence = a.fence + 2
                WHERE a.state = 'lost' AND a.worker = 'render-1'
                """)
            victim.letUp()
            guard let recovery = seconds.first.flatMap(Double.init) else { throw DrillFailure("nothing was lost") }
            let limit = restarted ? 2.0 : 30.0
            return Outcome(try await Oracle(fleet).check(), recovery: recovery, limit: limit)
        }
    }
}

/// Days for everyone to be opened, one after the other.
struct Days {
    private var count = 0

    mutating func next() -> String {
        count += 1
        let month = 1 + (count / 28) % 12
        let day = 1 + count % 28
        return "20\(30 + count / 336)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }
}

/// The same seed, the same drill.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
