import Foundation
import TestServers

/// The resident memory of a whole worker process at rest.
struct QueueResident: Benchmark {
    let name = "queue.rss_mb"
    let about = "RSS of ytempire-upload, which links no FFmpeg, after 10 s without work, MB; reference: the aim"

    private static let aim = 30.0

    func run() async throws -> [Figure] {
        let folder = try ServerFolder()
        let redis = try await PrivateRedis.start()
        let postgres = try await PrivatePostgres.start()
        let configuration = folder.file("ytempire.yaml")
        try """
        database: { url: '\(try await postgres.freshDatabase())', connections: 4 }
        redis: { url: 'unix://\(redis.socketPath)' }
        artifacts: { path: '\(folder.file("artifacts"))' }
        publish: { path: '\(folder.file("published"))' }
        scratch: { path: '\(folder.file("scratch"))' }
        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        try folder.run(try Self.program("ytempire"), ["migrate", "--config", configuration])
        let worker = try ServerProcess(
            try Self.program("ytempire-upload"), ["--config", configuration, "--name", "bench"], in: folder)
        try await Task.sleep(for: .seconds(10))
        let resident = try Self.residentMegabytes(worker.pid)
        guard worker.log.contains("worker started") else {
            throw ServerError("the worker did not start: \(worker.log)")
        }
        await worker.kill()
        return [Figure(name: name, ours: resident, reference: Self.aim)]
    }

    /// An executable built beside this one.
    private static func program(_ name: String) throws -> String {
        let path = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ServerError("\(path) is not built: swift build -c release")
        }
        return path
    }

    /// Proportional to nothing: what `ps` calls RSS, shared pages included. 1 MB is 2^20 bytes.
    private static func residentMegabytes(_ pid: pid_t) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        Progress.say(
            status.split(separator: "\n").filter { $0.hasPrefix("Rss") }.map { "  \($0)" }.joined(separator: "\n"))
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
            throw ServerError("the worker has ended")
        }
        return kilobytes / 1_024
    }
}
