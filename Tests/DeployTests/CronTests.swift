import Foundation
import Testing

@Suite struct `The cron file` {
    /// Its jobs, the commented ones too: schedule, account, command.
    private func jobs() throws -> [(schedule: String, account: String, command: String)] {
        let text = try String(contentsOf: Command.clone.appending(path: "Deploy/cron/ytempire"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            line.wholeMatch(of: /#?((?:[0-9*\/,-]+ ){5}) *([a-z]+) +(.+)/).map {
                (String($0.1), String($0.2), String($0.3))
            }
        }
    }

    @Test func `starts the coordinator each minute, and each worker where it is missing`() throws {
        let jobs = try jobs()
        #expect(jobs.count == 5)
        for job in jobs {
            #expect(job.schedule == "* * * * * " && job.account == "ytempire")
            // Cron turns a percent sign into a new line.
            #expect(!job.command.contains("%"))
        }
        #expect(jobs.first?.command == "ytempire-coordinator")
        for (stage, job) in zip(["script", "voice", "render", "upload"], jobs.dropFirst()) {
            #expect(job.command.contains("/\(stage)-1.lock") && job.command.contains("ytempire-\(stage) "))
            #expect(job.command.contains("--name \"\(stage)-$(hostname -s)-1\""))
        }
    }

    /// As cron runs it, with a program of the tests' own in the place of the worker.
    @Test func `starts no second worker while the first one lives, and another once it is dead`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cron-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let worker = folder.appending(path: "ytempire-script")
        // Tells its arguments, then lives until it is told to go.
        try "#!/bin/sh\necho \"$@\" >>started\nread -r word <leave\n".write(
            to: worker, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: worker.path)
        try await Command.succeed("mkfifo", ["leave"], in: folder)
        let command = try #require(try jobs().first { $0.command.contains("ytempire-script") }).command
            .replacing("/var/lib/ytempire", with: folder.path)
        let environment = ["PATH": "\(folder.path):/usr/bin:/bin"]

        async let first = Command.run("sh", ["-c", command], in: folder, environment: environment)
        // Opening the pipe waits for the worker to open it too: from here on it lives.
        let leave = try await opened(folder.appending(path: "leave"))
        let second = try await Command.run("sh", ["-c", command], in: folder, environment: environment)
        #expect(second.status == 0 && second.output.isEmpty, "\(second)")
        try leave.close()
        let ended = try await first
        #expect(ended.output.isEmpty, "\(ended)")

        async let third = Command.run("sh", ["-c", command], in: folder, environment: environment)
        try await opened(folder.appending(path: "leave")).close()
        _ = try await third
        let started = try String(contentsOf: folder.appending(path: "started"), encoding: .utf8)
        let host = try await Command.succeed("hostname", ["-s"]).output.dropLast()
        #expect(started == String(repeating: "--name script-\(host)-1\n", count: 2))
    }

    private func opened(_ pipe: URL) async throws -> FileHandle {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try FileHandle(forWritingTo: pipe) }) }
        }
    }
}
