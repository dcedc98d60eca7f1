import Foundation
import Testing

/// ytempire, installed into a folder of a test's own by the commands that the Makefile has.
final class Installation: Sendable {
    let folder: URL
    private let environment: [String: String]

    /// - Parameter staged: by DESTDIR, as a package is built; else the folder stands in for `/`, by PREFIX.
    init(staged: Bool) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "install-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        environment = [
            "BUILT": try Command.built.path,
            "DESTDIR": staged ? folder.path : "",
            "PREFIX": staged ? "/usr/local" : folder.appending(path: "usr/local").path,
            "SYSCONFDIR": staged ? "/etc" : folder.appending(path: "etc").path,
        ]
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @discardableResult
    func install() async throws -> Command {
        try await Command.succeed("bash", ["Deploy/install.sh", "install"], environment: environment)
    }

    @discardableResult
    func uninstall() async throws -> Command {
        try await Command.succeed("bash", ["Deploy/install.sh", "uninstall"], environment: environment)
    }

    func url(_ path: String) -> URL { folder.appending(path: path) }

    func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    /// Every file, relative to the folder, sorted.
    var files: [String] {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return all.filter { (try? url($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == false }.sorted()
    }

    /// One for all tests that only look at it.
    static let shared = Task {
        let installation = try await Installation(staged: false)
        try await installation.install()
        return installation
    }
}

let programs = [
    "ytempire", "ytempire-coordinator", "ytempire-script", "ytempire-voice", "ytempire-render", "ytempire-upload",
]
