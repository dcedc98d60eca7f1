import Foundation
import Postgres
import Production
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `Under systemd, a worker` {
        /// A stage that takes as long as it is told, and makes nothing.
        private static let rehearsed = ["testing.enabled": "true", "testing.rehearsal": "bare"]

        private func enqueue(_ users: String..., in fleet: TestFleet) async throws {
            for user in users {
                try await fleet.addUser(
                    user, channel: "News", source: try fleet.source("\(user).md", Articles.bread), "--language", "de")
            }
            try await fleet.open("2026-03-04")
        }

        @Test func `is ready once both servers answer, and says until then what it waits for`() async throws {
            let postgres = try await PrivatePostgres.start()
            try await TestFleet.with(["database.url": try await postgres.freshDatabase()]) { fleet in
                await fleet.server.kill()
                await postgres.kill()
                let systemd = try NotifySocket(in: fleet.folder)
                try fleet.start(.script, environment: systemd.environment)
                var heard = try await systemd.until { $0["STATUS"]?.contains("waiting for Postgres:") == true }
                try await postgres.restart()
                heard += try await systemd.until { $0["STATUS"]?.contains("waiting for Redis:") == true }
                // systemd gives up on a start that takes too long, unless it hears in time that it goes on.
                for message in heard {
                    #expect(message["READY"] == nil)
                    #expect((Int(message["EXTEND_TIMEOUT_USEC"] ?? "") ?? 0) >= 60_000_000, "\(message)")
                }
                try await fleet.server.restart()
                let ready = try #require(try await systemd.untilReady().last)
                #expect(ready["STATUS"] == "working at script as script-1", "\(fleet.logs)")
            }
        }

        @Test func `is told to stop before it ever was ready, and goes`() async throws {
            try await TestFleet.with { fleet in
                await fleet.server.kill()
                let systemd = try NotifySocket(in: fleet.folder)
                let worker = try fleet.start(.script, environment: systemd.environment)
                try await systemd.until { $0["STATUS"]?.contains("waiting for Redis:") == true }
                await worker.drain()
                try await fleet.server.restart()
            }
        }

        @Test func `feeds the watchdog while Redis is stopped`() async throws {
            try await TestFleet.with { fleet in
                let systemd = try NotifySocket(in: fleet.folder)
                try fleet.start(.script, environment: systemd.environment)
                try await systemd.untilReady()
                try await systemd.fed(1)
                fleet.server.signal(SIGSTOP)
                try await systemd.forget()
                // It is fed while commands run into their time limit, and it says why nothing is done.
                let heard = try await systemd.until { $0["STATUS"]?.contains("waiting for Redis:") == true }
                #expect(heard.last?["WATCHDOG"] == "1")
                try await systemd.fed(3)
                fleet.server.signal(SIGCONT)
                try await systemd.until { $0["STATUS"] == "working at script as script-1, 0 of 4 slots in use" }
            }
        }

        @Test func `feeds the watchdog while every slot is taken`() async throws {
            let settings = ["script.slots": "2", "testing.duration": "600s"]
            try await TestFleet.with(Self.rehearsed.merging(settings) { _, new in new }) { fleet in
                try await enqueue("anna", "bert", "carl", in: fleet)
                let systemd = try NotifySocket(in: fleet.folder)
                try fleet.start(.script, environment: systemd.environment)
                try await systemd.until { $0["STATUS"]?.contains("2 of 2 slots in use") == true }
                try await systemd.forget()
                try await systemd.fed(4)
            }
        }

        @Test func `starves the watchdog when its loop hangs`() async throws {
            let settings = ["testing.failpoints": "loop=hang@5"]
            try await TestFleet.with(Self.rehearsed.merging(settings) { _, new in new }) { fleet in
                let systemd = try NotifySocket(in: fleet.folder)
                let worker = try fleet.start(.script, environment: systemd.environment)
                try await systemd.untilReady()
                // It beats on in Postgres all the while, so nobody but systemd can know.
                while !worker.log.contains("loop=hang") { try await Task.sleep(for: .milliseconds(50)) }
                try await systemd.forget()
                let beats = try await beat(fleet)
                let isFed = await withTaskGroup(of: Bool.self) { group in
                    group.addTask { (try? await systemd.fed(1)) != nil }
                    group.addTask {
                        try? await Task.sleep(for: .seconds(5))
                        return false
                    }
                    defer { group.cancelAll() }
                    return await group.next() ?? true
                }
                #expect(!isFed)
                #expect(try await beat(fleet) > beats)
                // What systemd then does, with the same end for whatever was in hand.
                await worker.kill()
            }
        }

        private func beat(_ fleet: TestFleet) async throws -> Int64 {
            try await fleet.number("SELECT (extract(epoch FROM max(beat_at)) * 1000)::bigint FROM workers")
        }

        @Test func `drains on SIGTERM, and gives back what it has on a second one`() async throws {
            let settings = ["testing.duration": "600s", "worker.drain": "45s"]
            try await TestFleet.with(Self.rehearsed.merging(settings) { _, new in new }) { fleet in
                try await enqueue("anna", in: fleet)
                let systemd = try NotifySocket(in: fleet.folder)
                let worker = try fleet.start(.script, environment: systemd.environment)
                try await systemd.until { $0["STATUS"]?.contains("1 of 4 slots in use") == true }
                worker.signal(SIGTERM)
                let stopping = try #require(try await systemd.until { $0["STOPPING"] == "1" }.last)
                #expect(stopping["EXTEND_TIMEOUT_USEC"] == "60000000")  // the drain time, and 15 s for farewells
                try await systemd.until { $0["STATUS"] == "draining, 1 in hand" }
                try await systemd.fed(2)
                worker.signal(SIGTERM)
                await worker.ended()
                #expect(try await fleet.texts("SELECT state || ' ' || counts FROM attempts") == ["released false"])
                #expect(try await fleet.texts("SELECT state FROM jobs") == ["queued"])
            }
        }
    }
}
