import Foundation
import Production
import TestServers
import Testing

extension EndToEnd {
    /// What systemd does with `LoadCredential=`: a folder that the service alone may enter, files it alone may read, and
    /// their place in `$CREDENTIALS_DIRECTORY`.
    @Suite struct `A secret from systemd's credentials` {
        private let password = "hunter2-\(UUID().uuidString)"

        /// A database that wants the password, and a folder with the address of it.
        private func with(
            _ settings: [String: String] = [:],
            _ body: (_ fleet: TestFleet, _ folder: URL) async throws -> Void
        ) async throws {
            try await TestFleet.with(settings) { fleet in
                let folder = fleet.folder.appending(path: "credentials")
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                let text = try String(contentsOfFile: fleet.configuration, encoding: .utf8)
                let line = try #require(text.split(separator: "\n").first { $0.contains("postgresql://") })
                let url = try #require(line.split(separator: "'").dropFirst().first)
                // Trusted connections do not ask for it, but it is in the address all the same.
                try write("\(url)&password=\(password)\n", to: folder.appending(path: "database-url"))
                try text.replacing("\(line)\n", with: "").write(
                    toFile: fleet.configuration, atomically: true, encoding: .utf8)
                try await body(fleet, folder)
            }
        }

        private func write(_ text: String, to file: URL) throws {
            try? FileManager.default.removeItem(at: file)
            try Data(text.utf8).write(to: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: file.path)
        }

        @Test func `reaches a worker, and is nowhere to be seen`() async throws {
            try await with(["log.level": "trace"]) { fleet, folder in
                let systemd = try NotifySocket(in: fleet.folder)
                let worker = try fleet.start(
                    .script,
                    environment: systemd.environment.merging(["CREDENTIALS_DIRECTORY": folder.path]) { own, _ in own })
                let heard = try await systemd.untilReady()
                #expect(!heard.contains { $0.values.contains { $0.contains(password) } })
                // Of a process that keeps its memory to itself root alone sees the environment.
                for file in geteuid() == 0 ? ["environ", "cmdline"] : ["cmdline"] {
                    let text = try Data(contentsOf: URL(filePath: "/proc/\(worker.pid)/\(file)"))
                    #expect(!String(decoding: text, as: UTF8.self).contains(password))
                }
                await worker.drain()
                #expect(worker.log.contains("worker stopped") && !worker.log.contains(password))
            }
        }

        @Test func `is not told when the server refuses it, or when it is malformed`() async throws {
            try await with { fleet, folder in
                let file = folder.appending(path: "database-url")
                let environment = ["CREDENTIALS_DIRECTORY": folder.path]
                for url in [
                    "postgresql://me:\(password)@127.0.0.1:1/none", "postgresql://me:\(password)@[::1/none",
                    "host=x password=\(password) nonsense",
                ] {
                    try write(url, to: file)
                    for words in [["job", "list"], ["doctor"], ["--help"]] {
                        let ended = try await Programs.run(
                            "ytempire", words + (words == ["--help"] ? [] : ["--config", fleet.configuration]),
                            in: fleet.folder, environment: environment)
                        #expect(words == ["--help"] || ended.status != 0, "\(ended)")
                        #expect(!ended.out.contains(password) && !ended.err.contains(password), "\(words)")
                    }
                }
            }
        }

        @Test func `that this account may not read is a problem with a name, not a default`() async throws {
            guard geteuid() == 0 else { return }  // root can be another account; nobody else can
            let folder = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try write("postgresql://me:\(password)@h/d", to: folder.appending(path: "database-url"))
            // A copy, because the clone may lie where other accounts can't go.
            let program = folder.appending(path: "ytempire")
            try FileManager.default.copyItem(at: URL(filePath: Programs.path("ytempire")), to: program)
            let script = """
                exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$0" job list
                """
            let account = OtherAccount(folder: folder)
            let (status, output) = try await account.shell(script, program.path, ["CREDENTIALS_DIRECTORY": folder.path])
            #expect(status == 78, "\(output)")
            #expect(output.contains("credentials") && output.contains(folder.path), "\(output)")
            #expect(!output.contains(password))
        }
    }
}

/// Runs a line of shell with a few variables, for what must be another account.
private struct OtherAccount {
    let folder: URL

    func shell(_ line: String, _ argument: String, _ environment: [String: String]) async throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", line, argument]
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        process.currentDirectoryURL = URL(filePath: "/")
        let file = folder.appending(path: "output")
        try Data().write(to: file)
        let output = try FileHandle(forUpdating: file)
        (process.standardOutput, process.standardError) = (output, output)
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        for await status in ends { return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self)) }
        throw CancellationError()
    }
}
