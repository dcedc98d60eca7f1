import Crypto
import FoundationEssentials
import Glibc
package import Production
import Synchronization

/// A file of keys, one a line, the one that encrypts first. Lines that are empty or begin with `#` say nothing.
///
/// Read again before anything is sealed, and when a value turns out to be sealed by a key that was not in it: a key added to
/// the file is used by running programs without a restart. (systemd hands its credentials over once, at the start.)
package final class KeyFile: Sealing {
    package let path: String
    /// Whether somebody else vouches for who may read it.
    private let isCredential: Bool
    private let ring = Mutex<KeyRing?>(nil)

    package init(path: String) { (self.path, isCredential) = (path, false) }

    /// systemd's credential `secret-keys` if there is one, else the file.
    package init(environment: [String: String], path: String) {
        if let folder = environment["CREDENTIALS_DIRECTORY"],
            FileManager.default.fileExists(atPath: "\(folder)/\(Self.credential)")
        {
            (self.path, isCredential) = ("\(folder)/\(Self.credential)", true)
        } else {
            (self.path, isCredential) = (path, false)
        }
    }

    package static let credential = "secret-keys"

    package func seal(_ secret: Secret, for place: SealedPlace) throws -> [UInt8] {
        // A file that is away just now must not cost a token that was given a moment ago.
        if let newest = try? load() { return try newest.seal(secret, for: place) }
        return try known().seal(secret, for: place)
    }

    package func open(_ sealed: [UInt8], at place: SealedPlace) throws -> Secret {
        try withKeys { try $0.open(sealed, at: place) }
    }

    package func resealed(_ sealed: [UInt8], at place: SealedPlace) throws -> [UInt8]? {
        try withKeys { try $0.resealed(sealed, at: place) }
    }

    /// The keys as they stand in the file now.
    ///
    /// - Throws: `SecretsError`, with what mends it.
    @discardableResult
    package func load() throws(SecretsError) -> KeyRing {
        let keys = try Self.keys(in: read())
        guard let loaded = KeyRing(keys) else {
            throw SecretsError(.malformed, "\(path) holds no key. `ytempire secret key --add` makes one.")
        }
        ring.withLock { $0 = loaded }
        return loaded
    }

    /// Writes a new key into the file, the first from now on; the file is made if it is not there.
    ///
    /// - Throws: `SecretsError`
    @discardableResult
    package func add() throws(SecretsError) -> KeyRing {
        var keys = [MasterKey()]
        if FileManager.default.fileExists(atPath: path) { keys += try Self.keys(in: read()) }
        try write(keys)
        return try load()
    }

    private func known() throws(SecretsError) -> KeyRing {
        if let ring = ring.withLock({ $0 }) { return ring }
        return try load()
    }

    private func withKeys<Answer>(_ body: (KeyRing) throws -> Answer) throws -> Answer {
        do {
            return try body(known())
        } catch let error as SecretsError where error.code == .unknownKey {
            return try body(load())
        }
    }

    private static func keys(in text: String) throws(SecretsError) -> [MasterKey] {
        var keys: [MasterKey] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = String(line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let key = MasterKey(line: line) else {
                throw SecretsError(
                    .malformed, "Line \(number + 1) of the key file is no key, as `ytempire secret key` writes them.")
            }
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    /// The file's text, once its descriptor says that nobody but its owner can have written or read it.
    private func read() throws(SecretsError) -> String {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw SecretsError(
                .noKeys,
                "The key file \(path) can't be read: \(reason). `ytempire secret key` makes one; secrets.key-file says where "
                    + "it is. Only who publishes and who connects accounts needs it.")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SecretsError(.malformed, "The key file \(path) is no file.")
        }
        if !isCredential {
            guard status.st_uid == geteuid() || status.st_uid == 0 else {
                throw SecretsError(
                    .unsafe, "The key file \(path) belongs to somebody else. Mend it: chown $(id -un) '\(path)'")
            }
            guard status.st_mode & 0o077 == 0 else {
                throw SecretsError(
                    .unsafe,
                    "Others than its owner may use the key file \(path) (mode \(String(status.st_mode & 0o777, radix: 8)))."
                        + " Mend it: chmod 600 '\(path)'")
            }
        }
        guard status.st_size <= Self.largest else {
            throw SecretsError(.malformed, "The key file \(path) is too large to be one.")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes {
                Glibc.read(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[count...]).baseAddress, $0.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more > 0 else { break }
            count += more
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// In one step: a reader finds the old file or the new one, and nobody else ever reads either.
    private func write(_ keys: [MasterKey]) throws(SecretsError) {
        let lines =
            ["# Keys of ytempire's secrets: the first encrypts, all decrypt. Whoever has one can read them."]
            + keys.map(\.line)
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        let fresh = "\(path).new-\(UUID())"
        let descriptor = Glibc.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SecretsError(.noKeys, "\(fresh) can't be made: \(String(cString: strerror(errno)))")
        }
        let written = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let isKept = written == text.count && fsync(descriptor) == 0
        close(descriptor)
        guard isKept, rename(fresh, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(fresh)
            throw SecretsError(.noKeys, "\(path) can't be written: \(reason)")
        }
    }

    /// Bytes: a thousand keys.
    private static let largest = 64 << 10
}
