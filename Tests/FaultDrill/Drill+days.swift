import Foundation
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 3: the coordinator.
    static let days: [Drill] = [
        Drill(3, "the coordinator killed in the middle of opening a day, before and after the queue has heard") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(30)
                try fleet.start()
                for (day, point) in [("2026-05-01", "day.opened"), ("2026-05-02", "day.dispatched")] {
                    let ended = try await fleet.coordinate(
                        day, environment: ["YTEMPIRE_TESTING_FAILPOINTS": "\(point)=kill"])
                    guard ended.status != 0 else { throw DrillFailure("it was not killed at \(point)") }
                    // As cron does. It finds nothing left to open.
                    try await fleet.open(day)
                    guard try await fleet.number("SELECT count(*) FROM jobs WHERE production_day = \(day)::date") == 30
                    else { throw DrillFailure("\(day) has not 30 jobs") }
                }
                try await fleet.finish()
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(3, "a coordinator that stands still in the middle of a day, while three others open it") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(30)
                try fleet.start()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await fleet.open(
                            "2026-05-01", environment: ["YTEMPIRE_TESTING_FAILPOINTS": "day.opened=delay:3s"])
                    }
                    for _ in 1...3 { group.addTask { try await fleet.open("2026-05-01") } }
                    try await group.waitForAll()
                }
                try await fleet.finish()
                guard try await fleet.number("SELECT count(*) FROM jobs") == 30 else {
                    throw DrillFailure("not one job each")
                }
                return Outcome(try await Oracle(fleet).check())
            }
        },
        Drill(3, "ticks missed, doubled, an hour late, across midnight and both changes of daylight saving") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(3)
                try await fleet.database.execute(
                    "UPDATE users SET time_zone = (ARRAY['Europe/Berlin', 'America/New_York', 'UTC'])[id]")
                try await fleet.database.execute("UPDATE channels SET daily_at = '02:30', created_at = '2026-01-01'")
                try await fleet.takeClock()
                var dice = Dice(3)
                // Each begins at noon UTC and holds two openings of every user.
                for start in ["2027-03-13 12:00Z", "2027-03-27 12:00Z", "2027-10-30 12:00Z", "2027-11-06 12:00Z"] {
                    var hour = 0
                    while hour <= 48 {
                        try await fleet.setClock("\(start)", plusHours: hour)
                        for _ in 0...Int.random(in: 0...1, using: &dice) { try await fleet.tick() }
                        // Where the clock leaps over 02:30, the day opens at 03:00, which is half an hour before what
                        // Postgres makes of that time.
                        let early = try await fleet.texts(
                            """
                            SELECT u.name || ' ' || production_day FROM jobs j JOIN users u ON u.id = j.user_id
                            WHERE (production_day + time '02:30') AT TIME ZONE u.time_zone
                                > clock.now() + interval '30 minutes'
                            """)
                        guard early.isEmpty else { throw DrillFailure("opened before their time: \(early)") }
                        hour += Int.random(in: 1...2, using: &dice)  // now and then a tick is an hour late
                    }
                }
                let counts = try await fleet.texts(
                    """
                    SELECT u.name || ': ' || count(*) || ' of ' || count(DISTINCT production_day)
                    FROM jobs JOIN users u ON u.id = user_id GROUP BY u.name ORDER BY u.name
                    """)
                // The first tick, at noon, finds the day itself open; then two more days each time.
                guard counts == (1...3).map({ "user \($0): 12 of 12" }) else { throw DrillFailure("\(counts)") }
                try fleet.start()
                try await fleet.finish()
                var oracle = Oracle(fleet)
                oracle.clockIsSteady = false
                return Outcome(try await oracle.check())
            }
        },
    ]

    /// Fault 8: clocks that step.
    static let clocks: [Drill] = [
        Drill(8, "Postgres' clock steps by +30, -60 and +30 s") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.takeClock()
                try await fleet.addUsers(12)
                try fleet.start(each: 2)
                try await fleet.open("2026-05-01")
                for step in [30, -30, 0] {
                    try await Task.sleep(for: .seconds(1))
                    try await fleet.setClock(step: "\(step) seconds")
                    let victim = try fleet.worker("voice-1")
                    await victim.run.kill()
                    try await fleet.open("2026-05-0\(5 + step / 10)")
                }
                try await fleet.finish()
                var oracle = Oracle(fleet)
                oracle.clockIsSteady = false
                return Outcome(try await oracle.check())
            }
        },
        Drill(8, "Redis takes every delivery for ten minutes old", quick: false) {
            try await midst(each: 2) { fleet in
                for _ in 1...10 {
                    try await fleet.ageDeliveries()
                    try await Task.sleep(for: .milliseconds(400))
                }
            }
        },
    ]
}

extension FaultFleet {
    /// Puts a clock of ours in the place of Postgres' `now()`, for sessions to come: `clock` stands before `pg_catalog`.
    func takeClock() async throws {
        try await database.execute("CREATE SCHEMA clock")
        try await database.execute("CREATE TABLE clock.step (by interval NOT NULL)")
        try await database.execute("INSERT INTO clock.step VALUES ('0')")
        try await database.execute(
            """
            CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE
            AS 'SELECT pg_catalog.now() + by FROM clock.step'
            """)
        // Tables are made in the first that exists; nothing is made any more.
        try await database.execute("ALTER ROLE postgres SET search_path = clock, pg_catalog, public")
    }

    func setClock(step: String) async throws {
        try await database.execute("UPDATE clock.step SET by = \(step)::text::interval")
    }

    func setClock(_ start: String, plusHours hours: Int) async throws {
        try await database.execute(
            """
            UPDATE clock.step SET by = \(start)::text::timestamptz + \("\(hours) hours")::text::interval - pg_catalog.now()
            """)
    }

    /// One run of the coordinator, as cron starts it.
    func tick() async throws {
        let ended = try await coordinate(nil)
        guard ended.status == 0 else { throw DrillFailure("\(ended)") }
    }
}
