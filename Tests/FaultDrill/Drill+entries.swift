import Foundation
import Postgres
import Redis
import TestServers

extension Drill {
    /// Fault 11: what should not be there, and what a person wants meanwhile.
    static let entries: [Drill] = [
        Drill(11, "malformed, oversized, foreign and duplicated entries, and those of a newer release") {
            try await midst { fleet in
                var planted: [(key: String, id: String)] = []
                func plant(_ key: String, _ fields: RedisArgument...) async throws {
                    let id = try await fleet.redis.send(
                        RedisCommand("XADD", arguments: [RedisArgument(key), "*"] + fields)
                    ).string()
                    planted.append((key, id))
                }
                for stage in ["script", "voice", "render", "upload"] {
                    let key = "{ytempire:0}:ready:\(stage):daily"
                    let field = try await fleet.fieldName(of: key)
                    try await fleet.duplicateEntries(of: key)
                    for payload: [UInt8] in [[], [1], [0xFF, 0xFE, 0], Array(repeating: 65, count: 1 << 20)] {
                        try await plant(key, field, RedisArgument(bytes: payload))
                    }
                    // Version 1, this stage's letter, a job that does not exist; and one that can't.
                    let letter = stage.utf8.first ?? 0
                    try await plant(key, field, RedisArgument(bytes: [1, letter, 0x7F, 0, 0, 0, 0, 0, 0, 1]))
                    try await plant(key, field, RedisArgument(bytes: [1, letter] + [UInt8](repeating: 0xFF, count: 8)))
                    // A newer release's version, and a stage of its own.
                    try await plant(key, field, RedisArgument(bytes: [9, letter, 0, 0, 0, 0, 0, 0, 0, 1, 7, 7]))
                    try await plant(key, field, RedisArgument(bytes: [1, UInt8(ascii: "z"), 0, 0, 0, 0, 0, 0, 0, 1]))
                    try await plant(key, "foreign", "entry", "of", "somebody")
                }
                try await fleet.finish()
                // What no worker of this release knows is left for one that does: taken away here.
                for entry in planted {
                    let (key, id) = (RedisArgument(entry.key), RedisArgument(entry.id))
                    _ = try await fleet.redis.send(RedisCommand("XACK", key, "workers", id))
                    _ = try await fleet.redis.send(RedisCommand("XDEL", key, id))
                }
            }
        },
        Drill(11, "a pause and a stop survive an emptied Redis", quick: true) {
            try await midst { fleet in
                for stage in ["render", nil] {
                    try await fleet.command(stage.map { ["queue", "pause", $0] } ?? ["stop", "--all", "--no-wait"])
                    // What had begun may end.
                    try await eventually("nothing runs there", within: .seconds(20)) {
                        try await fleet.number(
                            """
                            SELECT count(*) FROM attempts
                            WHERE state = 'running' AND (\(stage)::text IS NULL OR stage = \(stage))
                            """) == 0
                    }
                    let paused = try await fleet.now()
                    try await fleet.redisServer.restart()
                    _ = try await fleet.redis.send(RedisCommand("FLUSHALL"))
                    try await fleet.coordinate("2026-05-02")
                    try await Task.sleep(for: .seconds(3))
                    let begun = try await fleet.number(
                        """
                        SELECT count(*) FROM attempts WHERE started_at > \(paused)::text::timestamptz
                            AND (\(stage)::text IS NULL OR stage = \(stage))
                        """)
                    guard begun == 0 else { throw DrillFailure("\(begun) attempts were begun during the pause") }
                    try await fleet.command(stage.map { ["queue", "resume", $0] } ?? ["start"])
                }
            }
        },
        Drill(11, "a cancel while the stage runs, and while the last byte goes out") {
            var options = FaultFleet.Options()
            options.settings["testing.duration"] = "1500ms"
            return try await FaultFleet.with(options) { fleet in
                try await fleet.addUsers(3)
                try fleet.start(failpoints: ["upload-1": "publication.send.before=delay:3s"])
                try await fleet.open("2026-05-01")
                try await eventually("all are rendered", within: .seconds(30)) {
                    try await fleet.number(
                        "SELECT count(*) FROM attempts WHERE stage = 'render' AND state = 'running'") == 3
                }
                let jobs = try await fleet.texts("SELECT id::text FROM jobs ORDER BY id")
                try await fleet.command(["job", "cancel", jobs[0]])
                try await eventually("bytes go out", within: .seconds(30)) {
                    try await fleet.number("SELECT count(*) FROM publications WHERE sending_at IS NOT NULL") == 2
                }
                // Publication wins, and the command says so.
                let late = try await fleet.tryCommand(["job", "cancel", jobs[1]])
                try await fleet.finish()
                guard
                    try await fleet.texts("SELECT state FROM jobs ORDER BY id") == [
                        "cancelled", "published", "published",
                    ]
                else { throw DrillFailure("a late cancel: \(late)") }
                var oracle = Oracle(fleet)
                oracle.cancelled = [Int64(jobs[0]) ?? 0]
                return Outcome(try await oracle.check())
            }
        },
    ]
}

extension FaultFleet {
    func command(_ arguments: [String]) async throws {
        let ended = try await tryCommand(arguments)
        guard ended.status == 0 else { throw DrillFailure("\(ended)") }
    }

    func tryCommand(_ arguments: [String]) async throws -> Programs.Ended {
        try await Programs.run("ytempire", arguments + ["--config", configuration], in: folder)
    }

    /// What the deliveries of a stream call their one field; `d` where there are none to ask.
    func fieldName(of key: String) async throws -> RedisArgument {
        let entries = try await redis.send(RedisCommand("XRANGE", RedisArgument(key), "-", "+", "COUNT", "1")).array()
        guard let entry = entries.first else { return "d" }
        return RedisArgument(bytes: try entry.array()[1].array()[0].bytes())
    }

    /// Adds what lies in a stream to it once more.
    func duplicateEntries(of key: String) async throws {
        let entries = try await redis.send(RedisCommand("XRANGE", RedisArgument(key), "-", "+")).array()
        for entry in entries {
            let fields = try entry.array()[1].array().map { RedisArgument(bytes: try $0.bytes()) }
            guard fields.allSatisfy({ $0 != "foreign" }) else { continue }
            _ = try await redis.send(RedisCommand("XADD", arguments: [RedisArgument(key), "*"] + fields))
        }
    }

    /// Sets every delivery's idle time to ten minutes, and leaves it with its owner.
    func ageDeliveries() async throws {
        for stage in ["script", "voice", "render", "upload"] {
            let key = RedisArgument("{ytempire:0}:ready:\(stage):daily")
            let pending = try? await redis.send(RedisCommand("XPENDING", key, "workers", "-", "+", "1000")).array()
            for entry in pending ?? [] {
                let parts = try entry.array()
                _ = try await redis.send(
                    RedisCommand(
                        "XCLAIM", key, "workers", RedisArgument(bytes: parts[1].bytes()), "0",
                        RedisArgument(bytes: parts[0].bytes()), "IDLE", "600000", "JUSTID"))
            }
        }
    }
}
