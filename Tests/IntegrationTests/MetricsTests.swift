import Foundation
import Production
import Telemetry
import TestServers
import Testing

extension EndToEnd {
    @Suite struct `What Prometheus is told` {
        /// Samples by series: `name{labels}`.
        private func samples(_ text: String) -> [String: Double] {
            let pairs = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                line.lastIndex(of: " ").map { (String(line[..<$0]), Double(line[line.index(after: $0)...]) ?? .nan) }
            }
            return Dictionary(pairs, uniquingKeysWith: { _, new in new })
        }

        /// Prometheus' own opinion of it.
        private func lint(_ text: String, in folder: URL) async throws {
            let tools = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.local/tools").path
            let promtool = try ServerProcess.find("promtool", in: [tools], package: "prometheus, or run `make deps`")
            let file = folder.appending(path: "metrics-\(UUID().uuidString)")
            try Data(text.utf8).write(to: file)
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "\"$0\" check metrics <\"$1\" >\"$1.out\" 2>&1", promtool, file.path]
            let (ends, end) = AsyncStream.makeStream(of: Int32.self)
            process.terminationHandler = { end.yield($0.terminationStatus) }
            try process.run()
            for await status in ends {
                let words = try String(contentsOfFile: file.path + ".out", encoding: .utf8)
                #expect(status == 0 && words.isEmpty, "\(words)\n\(text)")
                return
            }
        }

        @Test func `by a fleet that works, is right, and clean to promtool`() async throws {
            try await TestFleet.with(["testing.enabled": "true", "testing.rehearsal": "bare"]) { fleet in
                let source = try fleet.source("bread.md", Articles.bread)
                try await fleet.addUser("anna", channel: "News", source: source, "--language", "de")
                let idle = samples(try await fleet.succeed("metrics").out)
                #expect(idle["ytempire_jobs{stage=\"script\",state=\"queued\"}"] == 0)
                #expect(idle["ytempire_postgres_up{worker=\"\"}"] == 1 && idle["ytempire_redis_up{worker=\"\"}"] == 1)

                try await fleet.open("2026-03-04")
                let waiting = samples(try await fleet.succeed("metrics").out)
                #expect(waiting["ytempire_jobs{stage=\"script\",state=\"queued\"}"] == 1)
                #expect(waiting["ytempire_queue_depth{stage=\"script\",priority=\"daily\"}"] == 1)

                for stage in Production.Stage.allCases {
                    let socket = fleet.folder.appending(path: "\(stage.rawValue).sock").path
                    try fleet.start(stage, environment: ["YTEMPIRE_METRICS_LISTEN": "unix:\(socket)"])
                }
                let watch = try await fleet.run("job", "watch", "--day", "2026-03-04")
                #expect(watch.status == 0, "\(watch)\n\(fleet.logs)")

                // One address for a whole host: the fleet's and each worker's.
                let all = try await fleet.succeed("metrics", "--workers", fleet.folder.path + "/*.sock").out
                try await lint(all, in: fleet.folder)
                let told = samples(all)
                for stage in Production.Stage.allCases.map(\.rawValue) {
                    let labels = "worker=\"\(stage)-1\",stage=\"\(stage)\""
                    #expect(told["ytempire_attempts_total{\(labels),outcome=\"succeeded\"}"] == 1)
                    #expect(told["ytempire_attempts_total{\(labels),outcome=\"retried\"}"] == 0)
                    #expect(told["ytempire_attempt_duration_seconds_count{\(labels)}"] == 1)
                    #expect(told["ytempire_attempt_duration_seconds_bucket{\(labels),le=\"+Inf\"}"] == 1)
                    #expect(told["ytempire_worker_slots_in_use{\(labels)}"] == 0)
                    #expect(told["ytempire_workers{stage=\"\(stage)\",state=\"alive\"}"] == 1)
                    #expect(try #require(told["process_resident_memory_bytes{worker=\"\(stage)-1\"}"]) > 1e6)
                }
                #expect(told["ytempire_money_ceiling_dollars{scope=\"day\",provider=\"\"}"] == 150)
                #expect(try #require(told["ytempire_money_spent_dollars{scope=\"day\",provider=\"\"}"]) >= 0)
                #expect(!all.contains("anna"), "labels are bounded: no user, no job")
            }
        }

        @Test func `while a server is away, says so and goes on`() async throws {
            try await TestFleet.with { fleet in
                let socket = fleet.folder.appending(path: "script.sock").path
                let worker = try fleet.start(
                    .script, environment: ["YTEMPIRE_METRICS_LISTEN": "unix:\(socket)"])
                while !worker.log.contains("worker started") { try await Task.sleep(for: .milliseconds(50)) }
                await fleet.server.kill()
                var told = [String: Double]()
                repeat {
                    told = samples(try #require(await MetricScrape(of: socket).text()))
                    try await Task.sleep(for: .milliseconds(50))
                } while told["ytempire_redis_up{worker=\"script-1\"}"] == 1
                #expect(told["ytempire_redis_outages_total{worker=\"script-1\"}"] == 1)
                let fleetWide = try await fleet.run("metrics")
                #expect(fleetWide.status == 0, "\(fleetWide)")
                #expect(samples(fleetWide.out)["ytempire_redis_up{worker=\"\"}"] == 0)
                #expect(samples(fleetWide.out)["ytempire_postgres_up{worker=\"\"}"] == 1)
                try await lint(fleetWide.out, in: fleet.folder)
                try await fleet.server.restart()
                repeat {
                    told = samples(try #require(await MetricScrape(of: socket).text()))
                    try await Task.sleep(for: .milliseconds(50))
                } while told["ytempire_redis_up{worker=\"script-1\"}"] == 0
                // It counts on from where it was.
                #expect(told["ytempire_redis_outages_total{worker=\"script-1\"}"] == 1)
            }
        }

        @Test func `at a port is served until the command is stopped`() async throws {
            try await TestFleet.with { fleet in
                let refused = try await fleet.run("metrics", "--listen", "0.0.0.0:9464")
                #expect(refused.status == 64 && refused.err.contains("127.0.0.1:PORT"), "\(refused)")
            }
        }
    }
}
