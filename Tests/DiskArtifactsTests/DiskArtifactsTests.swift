import Crypto
import DiskArtifacts
import DurableFiles
import Foundation
import Production
import Testing

@Suite struct `A disk artifact store` {
    @Test func `names a file by its hash, and takes it in`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let file = try folder.file("video.mp4", "moving pictures")
            let artifact = try await store.keep(file)

            let hex = SHA256.hash(data: Data("moving pictures".utf8)).map { String(format: "%02x", $0) }.joined()
            #expect(artifact.id.description == hex)
            #expect(artifact.bytes == 15)
            let kept = try await store.file(of: artifact.id)
            #expect(
                kept.path
                    == folder.appending(path: "store/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex)").path)
            #expect(try Data(contentsOf: kept) == Data("moving pictures".utf8))
            #expect(try FileStatus.of(kept.path)?.mode == 0o440)
            // On one file system the file is moved, not copied.
            #expect(try FileStatus.of(file.path) == nil)
        }
    }

    @Test func `keeps the same bytes once, from a file, from memory and by another store on the same root`()
        async throws
    {
        try await inFolder { folder in
            let root = folder.appending(path: "store")
            let store = DiskArtifacts(root: root)
            let first = try await store.keep(folder.file("a", "words"))
            let before = try FileStatus.of(await store.file(of: first.id).path)
            #expect(try await store.keep(folder.file("b", "words")) == first)
            #expect(try await store.keep(bytes: Array("words".utf8)) == first)
            #expect(try await DiskArtifacts(root: root).keep(bytes: Array("words".utf8)) == first)
            #expect(try FileStatus.of(await store.file(of: first.id).path) == before)
            #expect(try await store.usage().artifacts == 1)
        }
    }

    @Test func `keeps the same bytes once when many stores keep them at the same time`() async throws {
        try await inFolder { folder in
            let root = folder.appending(path: "store")
            let text = String(repeating: "the same story again. ", count: 20_000)
            let kept = try await withThrowingTaskGroup(of: Artifact.self) { group in
                for number in 0..<8 {
                    let file = try folder.file("copy-\(number)", text)
                    group.addTask { try await DiskArtifacts(root: root).keep(file) }
                }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(kept.count == 1)
            let store = DiskArtifacts(root: root)
            #expect(try await store.usage().bytes == Int64(text.utf8.count))
            for artifact in kept { _ = try await store.file(of: artifact.id) }
        }
    }

    @Test func `keeps an empty file and a large one`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let empty = try await store.keep(folder.file("empty", ""))
            #expect(empty.bytes == 0)
            let bytes = (0..<3_000_001).map { UInt8($0 % 251) }
            let large = folder.appending(path: "large")
            try Data(bytes).write(to: large)
            let artifact = try await store.keep(large)
            #expect(artifact.bytes == 3_000_001)
            #expect(artifact.id.bytes == Array(SHA256.hash(data: bytes)))
            _ = try await store.file(of: empty.id)
            _ = try await store.file(of: artifact.id)
        }
    }

    @Test func `copies what it can't move safely: symbolic links and files with a second name`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let target = try folder.file("target", "behind a link")
            let link = folder.appending(path: "link")
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
            let artifact = try await store.keep(link)
            #expect(try Data(contentsOf: target) == Data("behind a link".utf8))

            let one = try folder.file("one", "two names")
            try FileManager.default.linkItem(at: one, to: folder.appending(path: "two"))
            let other = try await store.keep(one)
            // Writing through the name that was left must not reach the store.
            try Data("changed".utf8).write(to: folder.appending(path: "two"), options: [])
            _ = try await DiskArtifacts(root: folder.appending(path: "store")).file(of: artifact.id)
            _ = try await DiskArtifacts(root: folder.appending(path: "store")).file(of: other.id)
        }
    }

    @Test(.enabled(if: Self.hasSecondFileSystem)) func `copies from another file system`() async throws {
        try await inFolder { folder in
            let file = URL(filePath: "/dev/shm/disk-artifacts-\(UUID().uuidString)")
            try Data("from afar".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let artifact = try await store.keep(file)
            #expect(try Data(contentsOf: await store.file(of: artifact.id)) == Data("from afar".utf8))
            #expect(try DurableFolder(existing: folder.appending(path: "store/incoming").path).names().isEmpty)
        }
    }

    @Test func `says which artifact is missing`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let artifact = try await store.keep(bytes: Array("soon gone".utf8))
            let path = try await store.file(of: artifact.id).path
            #expect(try await store.remove(artifact.id))
            #expect(try await !store.remove(artifact.id))
            let fault = await #expect(throws: ArtifactFault.self) { try await store.file(of: artifact.id) }
            #expect(fault == ArtifactFault(.missing, path: path))
            #expect(fault?.description.contains(path) == true)
        }
    }

    @Test func `notices a damaged artifact, and mends it when the same bytes are kept again`() async throws {
        try await inFolder { folder in
            let root = folder.appending(path: "store")
            let store = DiskArtifacts(root: root)
            let artifact = try await store.keep(bytes: Array("whole".utf8))
            let path = try await store.file(of: artifact.id).path
            try damage(path, with: "rotten")

            let found = try #require(Artifact.ID(bytes: Array(SHA256.hash(data: Data("rotten".utf8)))))
            let fault = await #expect(throws: ArtifactFault.self) { try await store.file(of: artifact.id) }
            #expect(fault?.code == .corrupt(expected: artifact.id, found: found))
            #expect(fault?.description.contains(path) == true)

            _ = try await store.keep(bytes: Array("whole".utf8))
            #expect(try Data(contentsOf: await store.file(of: artifact.id)) == Data("whole".utf8))
        }
    }

    @Test func `reads a file it has checked only once, until it looks different`() async throws {
        try await inFolder { folder in
            let root = folder.appending(path: "store")
            let store = DiskArtifacts(root: root)
            let artifact = try await store.keep(bytes: Array("whole".utf8))
            let path = try await store.file(of: artifact.id).path
            // Same inode, size and time, other bytes: only who reads it can tell.
            var record = stat()
            try #require(stat(path, &record) == 0)
            try damage(path, with: "wrong")
            try #require(utimensat(AT_FDCWD, path, [record.st_atim, record.st_mtim], 0) == 0)

            #expect(try await store.file(of: artifact.id).path == path)
            await #expect(throws: ArtifactFault.self) {
                try await DiskArtifacts(root: root).file(of: artifact.id)
            }
        }
    }

    @Test func `keeps nothing when cancelled`() async throws {
        try await inFolder { folder in
            let root = folder.appending(path: "store")
            let file = try folder.file("video.mp4", "moving pictures")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await DiskArtifacts(root: root).keep(file)
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try Data(contentsOf: file) == Data("moving pictures".utf8))
            #expect(try FileStatus.of(root.path) == nil)
        }
    }

    @Test func `refuses what is not a file, by its path`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            let pipe = folder.appending(path: "pipe").path
            try #require(mkfifo(pipe, 0o600) == 0)
            for path in [pipe, folder.path, folder.appending(path: "nothing").path] {
                let fault = await #expect(throws: FileFault.self) { try await store.keep(URL(filePath: path)) }
                #expect(fault?.path == path)
            }
        }
    }

    @Test func `removes what killed processes left, but not what is being written`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            #expect(try await store.removeAbandoned(before: .distantFuture) == 0)
            let artifact = try await store.keep(bytes: Array("whole".utf8))
            _ = try folder.file("store/incoming/.draft-abc123", "half a vid")
            #expect(try await store.removeAbandoned(before: Date(timeIntervalSince1970: 1_000)) == 0)
            #expect(try await store.removeAbandoned(before: .distantFuture) == 1)
            _ = try await store.file(of: artifact.id)
        }
    }

    @Test func `tells how much it holds and how much room there is`() async throws {
        try await inFolder { folder in
            let store = DiskArtifacts(root: folder.appending(path: "store"))
            await #expect(throws: FileFault.self) { try await store.usage() }
            for text in ["one", "three", "eleven"] { _ = try await store.keep(bytes: Array(text.utf8)) }
            let usage = try await store.usage()
            #expect(usage.artifacts == 3)
            #expect(usage.bytes == 14)
            #expect(usage.space.free > 0 && usage.space.free <= usage.space.capacity)
        }
    }

    private static var hasSecondFileSystem: Bool {
        var (here, there) = (stat(), stat())
        return stat(NSTemporaryDirectory(), &here) == 0 && stat("/dev/shm", &there) == 0 && here.st_dev != there.st_dev
            && access("/dev/shm", W_OK) == 0
    }

    /// Overwrites a file in place, as a bad disk or a careless hand would.
    private func damage(_ path: String, with text: String) throws {
        try #require(chmod(path, 0o640) == 0)
        let descriptor = open(path, O_WRONLY | O_TRUNC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }
}

/// Runs `body` in a folder of its own, which is removed afterwards.
private func inFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "disk-artifacts-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
}

extension URL {
    fileprivate func file(_ name: String, _ text: String) throws -> URL {
        let file = appending(path: name)
        try Data(text.utf8).write(to: file)
        return file
    }
}
