import Blocking
import Crypto
import DurableFiles
import FoundationEssentials
import Glibc
import Production

/// Copies of artifacts on this host's disk: `ROOT/aa/HASH`, read-only. Any number of processes share a root.
///
/// A file's time of access is when it was last handed out, written by us: no mount option matters. Whoever makes, checks,
/// hands out or evicts a file holds its lock, so none vanishes between being found and being used. What is used least
/// recently goes first; what was handed out within `hold` never goes, since somebody may be about to open it again.
actor ArtifactCache {
    /// The bytes that came are not those of the name.
    struct Mismatch: Error {
        let found: Artifact.ID
    }

    private let executor = BlockingExecutor(label: "artifact cache")
    private let settings: CacheSettings
    private let root: String
    private let now: @Sendable () -> Date
    /// Files whose bytes this process has checked, as they were then.
    private var checked: [Artifact.ID: FileStatus.Content] = [:]
    /// How much is there, as of the last look at all of it; nil before that.
    private var known: Int64?
    /// What this process has put there since.
    private var added: Int64 = 0

    init(_ settings: CacheSettings, now: @escaping @Sendable () -> Date) {
        (self.settings, self.now) = (settings, now)
        root = URL(filePath: settings.path).absoluteURL.standardized.plainPath
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Takes a file in: moves it, or copies it where it can't be moved safely.
    ///
    /// - Throws: `FileFault`, `ArtifactFault(.changed)`, `CancellationError`, with nothing taken.
    func take(_ file: URL, partSize: Int64, withMD5: Bool) async throws -> (digest: FileDigest, path: String) {
        let source = try OpenFile.reading(file.plainPath)
        let digest = try FileDigest(source, partSize: partSize, withMD5: withMD5)
        let artifact = digest.artifact
        let lock = try await lock(artifact.id)
        defer { withExtendedLifetime(lock) {} }
        let path = path(of: artifact.id)
        if try isWhole(artifact.id) {
            touch(path)
            return (digest, path)
        }
        try makeRoom(for: artifact.bytes)
        let folder = try DurableFolder(making: folder(of: artifact.id))
        if try source.status().content.size != artifact.bytes { throw ArtifactFault(.changed, path: source.path) }
        if try !folder.adopt(source, as: artifact.id.description, mode: Self.mode) {
            var draft = try DraftFile(in: incoming())
            var hash = SHA256()
            try draft.append(contentsOf: OpenFile.reading(source.path)) { piece in
                try Task.checkCancellation()
                hash.update(bufferPointer: piece)
            }
            guard try Artifact.ID(digest: hash.finalize()) == artifact.id else {
                throw ArtifactFault(.changed, path: source.path)
            }
            try draft.commit(as: artifact.id.description, mode: Self.mode, into: folder)
        }
        try settle(artifact)
        return (digest, path)
    }

    /// The artifact's file, checked; nil if there is none, or it was damaged and is gone now.
    func find(_ artifact: Artifact.ID) async throws -> URL? {
        let lock = try await lock(artifact)
        defer { withExtendedLifetime(lock) {} }
        return try handOut(artifact)
    }

    /// The artifact's file, checked; by `download` if there is none.
    ///
    /// - Parameter download: writes the bytes to the path it is given. Never more than one at once on a host, for an artifact.
    /// - Throws: `Mismatch`; `FileFault`; what `download` throws. Then nothing has the artifact's name.
    func fetch(
        _ artifact: Artifact.ID, bytes: Int64, download: @Sendable (String) async throws -> Void
    ) async throws -> URL {
        let lock = try await lock(artifact)
        defer { withExtendedLifetime(lock) {} }
        if let file = try handOut(artifact) { return file }
        try makeRoom(for: bytes)
        let path = try incoming().draftPath(UUID().uuidString)
        defer { unlink(path) }
        try await download(path)
        let file = try OpenFile.reading(path)
        var hash = SHA256()
        try file.forEachPiece { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
        }
        let found = try Artifact.ID(digest: hash.finalize())
        guard found == artifact else { throw Mismatch(found: found) }
        let folder = try DurableFolder(making: folder(of: artifact))
        guard try folder.adopt(file, as: "\(artifact)", mode: Self.mode) else {
            throw FileFault("move into \(folder.path)", path, errno: EPERM)
        }
        try settle(Artifact(id: artifact, bytes: bytes))
        return URL(filePath: self.path(of: artifact))
    }

    /// Removes the artifact's file, if there is one.
    func drop(_ artifact: Artifact.ID) async throws {
        let lock = try await lock(artifact)
        defer { withExtendedLifetime(lock) {} }
        checked[artifact] = nil
        try DurableFolder(existing: folder(of: artifact)).remove("\(artifact)")
    }

    /// Removes what killed processes left half fetched. Answers how many files there were.
    func removeAbandoned(before moment: Date) throws -> Int {
        guard try FileStatus.of(root + "/incoming") != nil else { return 0 }
        return try incoming().removeDrafts(before: moment.timeIntervalSince1970)
    }

    func usage() throws -> (files: Int, bytes: Int64, space: DiskSpace) {
        let entries = try entries()
        // Who only looks makes no folder.
        var existing = URL(filePath: root)
        while try FileStatus.of(existing.plainPath) == nil, existing.plainPath != "/" {
            existing = existing.deletingLastPathComponent()
        }
        return (entries.count, entries.reduce(0) { $0 + $1.bytes }, try DiskSpace.of(existing.plainPath))
    }

    private static let mode: UInt32 = 0o440
    /// Bytes of the disk that are left to everyone else.
    private static let reserve: Int64 = 64 << 20
    /// `UTIME_OMIT` of sys/stat.h, a macro that Swift can't see: this time stays as it is.
    private static let unchanged = (1 << 30) - 2

    private func incoming() throws -> DurableFolder { try DurableFolder(making: root + "/incoming") }

    private func folder(of artifact: Artifact.ID) -> String { "\(root)/\(artifact.description.prefix(2))" }

    private func path(of artifact: Artifact.ID) -> String { "\(folder(of: artifact))/\(artifact)" }

    private func lockFolder() throws -> DurableFolder { try DurableFolder(making: root + "/locks") }

    /// Artifacts share 65,536 locks, whose files stay: removing one would let two hold it.
    private static func lockName(_ artifact: Artifact.ID) -> String { String(artifact.description.prefix(4)) }

    private func lock(_ artifact: Artifact.ID) async throws -> FolderLock {
        let folder = try lockFolder()
        while true {
            if let lock = try FolderLock.take(folder, name: Self.lockName(artifact)) { return lock }
            // Another process may hold it, whose end nobody here is told of.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Only for who holds the lock, as all that follows up to the room.
    private func handOut(_ artifact: Artifact.ID) throws -> URL? {
        guard try isWhole(artifact) else {
            checked[artifact] = nil
            try DurableFolder(existing: folder(of: artifact)).remove("\(artifact)")
            return nil
        }
        let path = path(of: artifact)
        touch(path)
        return URL(filePath: path)
    }

    private func isWhole(_ artifact: Artifact.ID) throws -> Bool {
        let path = path(of: artifact)
        guard let status = try FileStatus.of(path) else { return false }
        if checked[artifact] == status.content { return true }
        let file = try OpenFile.reading(path)
        let before = try file.status().content
        var hash = SHA256()
        try file.forEachPiece { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
        }
        guard try Artifact.ID(digest: hash.finalize()) == artifact else { return false }
        checked[artifact] = before
        return true
    }

    private func settle(_ artifact: Artifact) throws {
        let path = path(of: artifact.id)
        checked[artifact.id] = try FileStatus.of(path)?.content
        touch(path)
        added += artifact.bytes
    }

    /// Writes down that the file is used now. Best effort: without it the file goes a little earlier.
    private func touch(_ path: String) {
        let seconds = now().timeIntervalSince1970
        let whole = seconds.rounded(.down)
        let times = [
            timespec(tv_sec: Int(whole), tv_nsec: Int((seconds - whole) * 1_000_000_000)),
            timespec(tv_sec: 0, tv_nsec: Self.unchanged),
        ]
        utimensat(AT_FDCWD, path, times, 0)
    }

    private struct Entry {
        let artifact: Artifact.ID
        let bytes: Int64
        /// Seconds since 1970
        let used: Double
    }

    /// Evicts until so many bytes more are within the limit and have room on the disk, or all that is left is in use.
    private func makeRoom(for bytes: Int64) throws {
        var lack = bytes + Self.reserve - (try DiskSpace.of(root).free)
        // Every file is looked at once in a while, not for each that comes: other processes put some there too.
        if lack <= 0, let known, known + added + bytes <= settings.limit, added + bytes <= settings.limit / 64 {
            return
        }
        var left = try entries().sorted { $0.used < $1.used }[...]
        var total = left.reduce(0) { $0 + $1.bytes }
        let latest = now().timeIntervalSince1970 - settings.hold.seconds
        while total + bytes > settings.limit || lack > 0, let entry = left.popFirst(), entry.used < latest {
            guard try evict(entry, unusedSince: latest) else { continue }
            (total, lack) = (total - entry.bytes, lack - entry.bytes)
        }
        (known, added) = (total, 0)
    }

    private func evict(_ entry: Entry, unusedSince latest: Double) throws -> Bool {
        guard let lock = try FolderLock.take(lockFolder(), name: Self.lockName(entry.artifact)) else { return false }
        defer { withExtendedLifetime(lock) {} }
        // Handed out after we looked?
        guard let now = Self.entry(path(of: entry.artifact), entry.artifact), now.used < latest else { return false }
        checked[entry.artifact] = nil
        return try DurableFolder(existing: folder(of: entry.artifact)).remove("\(entry.artifact)")
    }

    private func entries() throws -> [Entry] {
        guard try FileStatus.of(root) != nil else { return [] }
        var entries: [Entry] = []
        for folder in try DurableFolder(existing: root).names() where folder.utf8.count == 2 {
            for name in try DurableFolder(existing: "\(root)/\(folder)").names() {
                guard let artifact = Artifact.ID(hex: name) else { continue }
                if let entry = Self.entry("\(root)/\(folder)/\(name)", artifact) { entries.append(entry) }
            }
        }
        return entries
    }

    private static func entry(_ path: String, _ artifact: Artifact.ID) -> Entry? {
        var record = stat()
        guard stat(path, &record) == 0 else { return nil }
        let used = Double(record.st_atim.tv_sec) + Double(record.st_atim.tv_nsec) / 1_000_000_000
        return Entry(artifact: artifact, bytes: Int64(record.st_size), used: used)
    }
}

extension Duration {
    fileprivate var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
