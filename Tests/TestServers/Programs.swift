package import Foundation

/// The executables of this package, as they were built for these tests: they lie beside the test bundle.
package enum Programs {
    package static func path(_ name: String) throws -> String {
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(filePath: bundle).deletingLastPathComponent().appending(path: name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ServerError("\(path) is missing: `swift build --build-tests` makes it")
        }
        return path
    }

    /// Runs a program to its end.
    ///
    /// - Parameter environment: replaces the test's own.
    package static func run(
        _ name: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> Ended {
        let process = Process()
        process.executableURL = URL(filePath: try path(name))
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]) { own, _ in own }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        // Files, because a pipe that nobody empties would stop the program.
        let id = UUID().uuidString
        let files = ["out", "err"].map { folder.appending(path: "\($0)-\(id)") }
        let handles = try files.map { file in
            try Data().write(to: file)
            return try FileHandle(forWritingTo: file)
        }
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        var status: Int32?
        for await answer in ends {
            status = answer
            break
        }
        if status == nil { process.terminate() }  // the test was cancelled
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        for file in files { try FileManager.default.removeItem(at: file) }
        try Task.checkCancellation()
        return Ended(
            command: "\(name) \(arguments.joined(separator: " "))", status: status ?? -1, out: texts[0], err: texts[1])
    }

    /// What a program left behind.
    package struct Ended: CustomStringConvertible {
        package let command: String
        package let status: Int32
        package let out: String
        package let err: String

        package var description: String { "\(command) ended with \(status)\n\(out)\(err)" }

        /// The longest line, in characters. East Asian letters and emoji aside, these are columns.
        package var widest: Int { out.split(separator: "\n").map(\.count).max() ?? 0 }

        package func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(out.utf8), options: .fragmentsAllowed)
        }
    }
}
