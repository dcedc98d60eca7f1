import Glibc
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 9: a poison job.
    static let poison: [Drill] = [
        Drill(9, "a poison job that kills its worker every time: buried after three lonely deaths", quick: true) {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(8)
                try fleet.start([.script, .voice, .upload])
                try await fleet.open("2026-05-01")
                let poison = try await fleet.number("SELECT min(id) FROM jobs")
                try fleet.start([.render], each: 2, failpoints: [:])
                for worker in fleet.workers where worker.run.name.hasPrefix("render") {
                    worker.arm("work.within=kill#\(poison)")
                    await worker.run.kill()
                }
                try await fleet.finish()
                let deaths = try await fleet.texts(
                    """
                    SELECT string_agg(state || CASE WHEN alone THEN ' alone' ELSE '' END, ', ' ORDER BY fence)
                    FROM attempts WHERE job_id = \(poison) AND stage = 'render'
                    """)
                guard deaths == ["lost, lost, lost alone, lost alone, lost alone"] else {
                    throw DrillFailure("the poison's attempts: \(deaths)")
                }
                var oracle = Oracle(fleet)
                oracle.poisoned = [poison]
                return Outcome(try await oracle.check())
            }
        }
    ]

    /// Fault 10: signals.
    static let signals: [Drill] = [
        Drill(10, "SIGTERM in the middle of a render, with time enough", quick: true) {
            try await drain("2s", drain: "20s", twice: false) { fleet in
                let released = try await fleet.number("SELECT count(*) FROM attempts WHERE state <> 'succeeded'")
                guard released == 0 else { throw DrillFailure("\(released) attempts did not succeed") }
            }
        },
        Drill(10, "SIGTERM in the middle of a render, with too little time") {
            try await drain("5s", drain: "500ms", twice: false) { fleet in try await onlyReleased(fleet) }
        },
        Drill(10, "a second SIGTERM") {
            try await drain("5s", drain: "60s", twice: true) { fleet in try await onlyReleased(fleet) }
        },
        Drill(10, "two workers started under one name") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(20)
                try fleet.start()
                try fleet.start([.render, .upload])
                try await fleet.open("2026-05-01")
                try await fleet.finish()
                guard try await fleet.number("SELECT count(*) FROM attempts WHERE state <> 'succeeded'") == 0 else {
                    throw DrillFailure("an attempt did not succeed")
                }
                return Outcome(try await Oracle(fleet).check())
            }
        },
    ]

    private static func onlyReleased(_ fleet: FaultFleet) async throws {
        let others = try await fleet.number(
            "SELECT count(*) FROM attempts WHERE state NOT IN ('succeeded', 'released') OR counts")
        guard others == 0 else { throw DrillFailure("\(others) attempts were neither succeeded nor released") }
        guard try await fleet.number("SELECT count(*) FROM attempts WHERE state = 'released'") > 0 else {
            throw DrillFailure("nothing was released")
        }
    }

    private static func drain(
        _ duration: String, drain: String, twice: Bool, _ check: @escaping @Sendable (FaultFleet) async throws -> Void
    ) async throws -> Outcome {
        var options = FaultFleet.Options()
        options.settings = ["testing.duration": duration, "worker.drain": drain]
        return try await FaultFleet.with(options) { fleet in
            try await fleet.addUsers(2)
            try fleet.start()
            try await fleet.open("2026-05-01")
            let renderer = try fleet.worker("render-1")
            try await eventually("it renders", within: .seconds(60)) {
                try await fleet.number("SELECT count(*) FROM attempts WHERE stage = 'render' AND state = 'running'") > 0
            }
            let restarts = renderer.restarts
            renderer.run.signal(SIGTERM)
            if twice {
                try await Task.sleep(for: .milliseconds(300))
                renderer.run.signal(SIGTERM)
            }
            try await eventually("it has ended", within: .seconds(30)) { renderer.restarts > restarts }
            try await fleet.finish()
            guard try await fleet.number("SELECT COALESCE(sum(tries), 0)::bigint FROM jobs") == 0 else {
                throw DrillFailure("an attempt was spent")
            }
            try await check(fleet)
            return Outcome(try await Oracle(fleet).check())
        }
    }
}
