package import Foundation

/// A Python of the tests' own, with packages from PyPI: a virtual environment in the temporary folder, made once and used
/// again by later runs that want the same.
package struct PythonEnvironment: Sendable {
    package let python: String

    /// - Parameter requirements: as pip takes them, with versions: another list is another environment.
    /// - Throws: `ServerError` with the command that installs what is missing, or what pip said.
    package static func with(_ requirements: [String]) throws -> PythonEnvironment {
        let name = requirements.joined(separator: "_").map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let folder = FileManager.default.temporaryDirectory.appending(path: "ytempire-python-\(String(name))").path
        let python = "\(folder)/bin/python"
        if access(python, X_OK) == 0 { return PythonEnvironment(python: python) }
        let program = try ServerProcess.find("python3", package: "python3")
        let draft = "\(folder)-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: draft) }
        do {
            try run(program, ["-m", "venv", draft])
        } catch {
            throw ServerError("python3 can't make a virtual environment: sudo apt-get install python3-venv\n\(error)")
        }
        let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
        try run("\(draft)/bin/python", options + requirements)
        // Whole before it has its name. Of two that come at once one is too late, and its own is removed.
        if rename(draft, folder) != 0, access(python, X_OK) != 0 {
            throw ServerError("\(draft) can't be renamed to \(folder): \(String(cString: strerror(errno)))")
        }
        return PythonEnvironment(python: python)
    }

    /// Runs Python to its end and returns what it printed.
    package func run(_ arguments: [String], input: Data = Data()) throws -> Data {
        try Self.run(python, arguments, input: input)
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], input: Data = Data()) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (asked, answered, said) = (
            folder.appending(path: "in"), folder.appending(path: "out"), folder.appending(path: "err")
        )
        // Files, not pipes: no side waits for the other, and no other child of the tests keeps one open.
        try input.write(to: asked)
        for file in [answered, said] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = try FileHandle(forWritingTo: answered)
        process.standardError = try FileHandle(forWritingTo: said)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = String(decoding: try Data(contentsOf: said) + Data(contentsOf: answered), as: UTF8.self)
            throw ServerError("\(arguments.joined(separator: " ")) ended with \(process.terminationStatus): \(words)")
        }
        return try Data(contentsOf: answered)
    }
}
