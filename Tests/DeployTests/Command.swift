import Foundation

/// A program run to its end: what a person would type.
struct Command: CustomStringConvertible {
    let line: String
    let status: Int32
    /// Standard output and standard error, as they came.
    let output: String

    var description: String { "\(line) ended with \(status)\n\(output)" }

    /// The clone that these tests are of.
    static let clone = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where the programs that were built for these tests lie, beside the test bundle.
    static var built: URL {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(filePath: bundle).deletingLastPathComponent()
        }
    }

    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], in folder: URL = clone, environment: [String: String] = [:]
    ) async throws -> Command {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.currentDirectoryURL = folder
        let own = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"]
        process.environment = own.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        // A file, because a pipe that nobody empties would stop the program.
        let file = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forUpdating: file)
        (process.standardOutput, process.standardError) = (output, output)
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        var status: Int32 = -1
        for await answer in ends {
            status = answer
            break
        }
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        return Command(line: "\(program) \(arguments.joined(separator: " "))", status: status, output: text)
    }

    /// Runs what must succeed.
    @discardableResult
    static func succeed(
        _ program: String, _ arguments: [String], in folder: URL = clone, environment: [String: String] = [:]
    ) async throws -> Command {
        let command = try await run(program, arguments, in: folder, environment: environment)
        // An error of its own: one of `#require` is told in the first test that meets it only, and what is installed once
        // for all would fail without a word in the others.
        guard command.status == 0 else { throw Failure(command: command) }
        return command
    }

    struct Failure: Error, CustomStringConvertible {
        let command: Command
        var description: String { "\(command)" }
    }
}
