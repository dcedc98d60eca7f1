import Blocking
import Crypto
import DurableFiles
package import FoundationEssentials
package import Production

/// Keeps artifacts in a folder: `ROOT/aa/bb/HASH`, where `aa` and `bb` are the first two bytes of the hash.
///
/// A file under its final name is whole and flushed; one that is still being copied lies in `ROOT/incoming`. Any
/// number of processes may share a root. Files are read-only (mode 0440): whoever wants to change one makes another.
package actor DiskArtifacts: RetainedArtifacts {
    private let executor = BlockingExecutor(label: "disk artifacts")
    private let root: String
    package nonisolated let responses: any ResponseStore
    /// Files whose bytes this process has checked, as they were then. A file that looks the same is not read again.
    private var checked: [Artifact.ID: FileStatus.Content] = [:]

    /// The folder is made when the first artifact is kept.
    package init(root: URL) {
        self.root = root.absoluteURL.standardized.plainPath
        responses = DiskResponses(root: root)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Moves the file into the store, or copies it where it can't be moved: from another file system, through a
    /// symbolic link, or when the file has other names too. Stops between pieces when cancelled, with nothing kept.
    ///
    /// Throws `FileFault` where the disk refuses, `ArtifactFault` where the file changes meanwhile.
    package func keep(_ file: URL) async throws -> Artifact {
        let source = try OpenFile.reading(file.plainPath)
        var hash = SHA256()
        var length: Int64 = 0
        try source.forEachPiece { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
            length += Int64(piece.count)
        }
        let artifact = Artifact(id: try .init(hash.finalize()), bytes: length)
        if try isWhole(artifact.id) { return artifact }
        let folder = try DurableFolder(making: folder(of: artifact.id))
        if try source.status().content.size != length { throw ArtifactFault(.changed, path: source.path) }
        if try !folder.adopt(source, as: artifact.id.description, mode: Self.mode) {
            try copy(source.path, as: artifact, into: folder)
        }
        try settle(artifact.id, in: folder)
        return artifact
    }

    /// Keeps bytes from memory: for what is small, such as a storyboard.
    package func keep(bytes: [UInt8]) async throws -> Artifact {
        let artifact = Artifact(id: try .init(SHA256.hash(data: bytes)), bytes: Int64(bytes.count))
        if try isWhole(artifact.id) { return artifact }
        let folder = try DurableFolder(making: folder(of: artifact.id))
        var draft = try DraftFile(in: incoming())
        try draft.append(bytes)
        try draft.commit(as: artifact.id.description, mode: Self.mode, into: folder)
        try settle(artifact.id, in: folder)
        return artifact
    }

    /// The artifact's file. Its bytes are checked at the first call in this process, and again if the file's inode,
    /// size or time of change differ from then.
    ///
    /// Throws `ArtifactFault` (`.missing`, `.corrupt`) or `FileFault`.
    package func file(of artifact: Artifact.ID) async throws -> URL {
        let path = path(of: artifact)
        guard let found = try digest(artifact) else { throw ArtifactFault(.missing, path: path) }
        guard found == artifact else {
            throw ArtifactFault(.corrupt(expected: artifact, found: found), path: path)
        }
        return URL(filePath: path)
    }

    /// Deletes the artifact: for retention. Answers whether there was one.
    @discardableResult
    package func remove(_ artifact: Artifact.ID) async throws -> Bool {
        checked[artifact] = nil
        let folder = DurableFolder(existing: folder(of: artifact))
        guard try folder.remove(artifact.description) else { return false }
        try folder.sync()
        return true
    }

    /// Deletes what killed processes left in `ROOT/incoming`: files last written before `moment`, which must lie
    /// further back than keeping a file can take. Answers how many there were.
    @discardableResult
    package func removeAbandoned(before moment: Date) async throws -> Int {
        guard try FileStatus.of(root + "/incoming") != nil else { return 0 }
        return try incoming().removeDrafts(before: moment.timeIntervalSince1970)
    }

    /// How much the store holds, and how much more it could. Looks at every file: for `doctor`, not for a loop.
    /// Throws `FileFault` (`.missing`) where there is no store yet.
    package func usage() async throws -> StoreUsage {
        var usage = StoreUsage(space: try DiskSpace.of(root))
        for first in try DurableFolder(existing: root).names() where first.utf8.count == 2 {
            for second in try DurableFolder(existing: "\(root)/\(first)").names() {
                try Task.checkCancellation()
                let folder = DurableFolder(existing: "\(root)/\(first)/\(second)")
                for name in try folder.names() {
                    // One that retention has just removed is no more.
                    guard let status = try FileStatus.of(folder.path(of: name)) else { continue }
                    usage.add(bytes: status.content.size)
                }
            }
        }
        return usage
    }

    private static let mode: UInt32 = 0o440

    private func incoming() throws -> DurableFolder { try DurableFolder(making: root + "/incoming") }

    private func folder(of artifact: Artifact.ID) -> String {
        let name = artifact.description
        return "\(root)/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))"
    }

    private func path(of artifact: Artifact.ID) -> String { "\(folder(of: artifact))/\(artifact)" }

    /// Whether the store has the artifact undamaged. A damaged file is replaced by the next that is kept.
    private func isWhole(_ artifact: Artifact.ID) throws -> Bool { try digest(artifact) == artifact }

    /// The hash of the bytes that bear the artifact's name; nil if none do.
    private func digest(_ artifact: Artifact.ID) throws -> Artifact.ID? {
        let path = path(of: artifact)
        guard let status = try FileStatus.of(path) else { return nil }
        if checked[artifact] == status.content { return artifact }
        let file = try OpenFile.reading(path)
        let before = try file.status().content
        var hash = SHA256()
        try file.forEachPiece { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
        }
        let found = try Artifact.ID(hash.finalize())
        checked[artifact] = found == artifact ? before : nil
        return found
    }

    /// Copies a file that can't be moved, and makes sure that it is still the one that was hashed.
    private func copy(_ path: String, as artifact: Artifact, into folder: DurableFolder) throws {
        var draft = try DraftFile(in: incoming())
        var hash = SHA256()
        try draft.append(contentsOf: OpenFile.reading(path)) { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
        }
        guard try Artifact.ID(hash.finalize()) == artifact.id else { throw ArtifactFault(.changed, path: path) }
        try draft.commit(as: artifact.id.description, mode: Self.mode, into: folder)
    }

    /// Makes the new name last. The bytes were hashed a moment ago, so they count as checked.
    private func settle(_ artifact: Artifact.ID, in folder: DurableFolder) throws {
        try folder.sync()
        checked[artifact] = try FileStatus.of(path(of: artifact))?.content
    }
}

extension Artifact.ID {
    init(_ digest: SHA256.Digest) throws {
        // Cannot fail: a SHA-256 digest has the 32 bytes that the name needs.
        guard let id = Artifact.ID(bytes: Array(digest)) else { throw CryptoKitError.incorrectParameterSize }
        self = id
    }
}
