import FleetPeers
import Foundation
import Production
import TestServers
import Testing

extension EndToEnd {
    /// Every secret of a fleet is a canary here, and works. Then whatever the fleet has written is looked through.
    @Suite struct `Secrets` {
        @Test func `are in nothing that the fleet writes, whatever providers quote back at it`() async throws {
            let birds = Aviary()
            var keys = FleetPeers.Keys()
            (keys.openAI, keys.elevenLabs, keys.pexels) = (
                birds.openAI.value, birds.elevenLabs.value, birds.pexels.value
            )
            try await FleetPeers.with(keys) { peers in
                try await Nest.with(birds, peers) { nest in
                    try await nest.work()
                    try await nest.workWithWrongKeys()
                    try await nest.ask()
                    try await nest.search()
                }
            }
        }

        @Test func `die with the process: none of its memory is ever written to a disk`() async throws {
            try await TestFleet.with(["openai.key": "sk-\(UUID().uuidString)"]) { fleet in
                for stage in Production.Stage.allCases {
                    let worker = try fleet.start(stage)
                    try await eventually { worker.log.contains("worker started") }
                    let limits = try String(contentsOfFile: "/proc/\(worker.pid)/limits", encoding: .utf8)
                    let cores = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
                    #expect(cores.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(cores)")
                    await worker.drain()
                }
            }
        }

        @Test(.enabled(if: geteuid() == 0, "only root can start a program as somebody else"))
        func `are out of reach of other programs of the same account`() async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "memory-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            // Waits for its servers, with its secrets in memory. A copy, because the clone may lie where other accounts can't go.
            let configuration = folder.appending(path: "ytempire.yaml")
            try TestFleet.yaml(["database.url": "postgresql:///x?host=/no/such&password=hunter2"])
                .write(to: configuration, atomically: true, encoding: .utf8)
            for (name, program) in [
                ("sleep", "/bin/sleep"), ("worker", try Programs.path("ytempire-upload")),
            ] {
                let copy = folder.appending(path: name)
                try FileManager.default.copyItem(at: URL(filePath: program), to: copy)
                let words = name == "sleep" ? ["60"] : ["--config", configuration.path, "--name", "u"]
                let run = try ServerProcess(
                    "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--", copy.path] + words,
                    in: ServerFolder())
                // Until it is what setpriv becomes, and has come as far as it gets.
                try await eventually {
                    let command = try? String(contentsOfFile: "/proc/\(run.pid)/comm", encoding: .utf8)
                    return command == "\(name)\n" && (name == "sleep" || run.log.contains("/no/such"))
                }
                // Whose its files in /proc are says whether others of the account may look into it (proc(5)).
                var status = stat()
                #expect(stat("/proc/\(run.pid)/mem", &status) == 0)
                #expect(status.st_uid == (name == "sleep" ? 65_534 : 0), "\(name)")
                await run.kill()
            }
        }
    }
}

/// Looks every 20 ms whether something has come to be, for a minute.
func eventually(_ what: () async throws -> Bool, _ location: SourceLocation = #_sourceLocation) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !what() {
        try #require(ContinuousClock.now < deadline, "it never came to be", sourceLocation: location)
        try await Task.sleep(for: .milliseconds(20))
    }
}
