import Foundation

/// A private folder for one server: its data, its log, its socket. Short enough for a socket path (at most 107 bytes).
///
/// The guardian of the server that runs in it deletes it (see ``ServerProcess``), so that it goes even when the test process is killed.
package struct ServerFolder: Sendable {
    package let path: String
    /// The account the server runs under, when the tests run as root and the server refuses root (Postgres does).
    package let user: String?

    /// - Parameter user: who must own the folder; only root can ask for another account than its own.
    package init(user: String? = nil) throws {
        var template = Array("/tmp/private-server-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ServerError("cannot make a folder in /tmp: \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.user = geteuid() == 0 ? user : nil
        if let user = self.user {
            guard let account = getpwnam(user), chown(path, account.pointee.pw_uid, account.pointee.pw_gid) == 0 else {
                throw ServerError("cannot give \(path) to the account \(user)")
            }
        }
    }

    /// Where a server may have a disk of its own; its guardian unmounts it.
    static let disk = "disk"

    /// Gives the server a small disk, at ``disk``, which can be filled up.
    func mountDisk(of megabytes: Int) throws {
        let owner = user.flatMap { getpwnam($0) }
        let options = "size=\(megabytes)m,mode=0700" + (owner.map { ",uid=\($0.pointee.pw_uid)" } ?? "")
        guard mkdir(file(Self.disk), 0o700) == 0, mount("tmpfs", file(Self.disk), "tmpfs", 0, options) == 0 else {
            throw ServerError(
                "a disk of the server's own can't be mounted (\(String(cString: strerror(errno)))): run this as root")
        }
    }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The words before a command that make it run under `user`. `setpriv` replaces itself by the command, so signals reach the server.
    var prefix: [String] {
        user.map { ["setpriv", "--reuid=\($0)", "--regid=\($0)", "--init-groups", "--"] } ?? []
    }

    /// Runs a program to its end inside the folder, e.g. `initdb` or `openssl`, and returns what it printed.
    /// Throws with its whole output when it fails.
    @discardableResult package func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let words = prefix + [program] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(filePath: path)
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ServerError("\(words.joined(separator: " ")) ended with \(process.terminationStatus): \(text)")
        }
        return text
    }
}
