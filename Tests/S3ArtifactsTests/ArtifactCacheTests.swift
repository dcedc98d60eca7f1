import Crypto
import DurableFiles
import Foundation
import Production
import Synchronization
import Testing

@testable import S3Artifacts

@Suite struct `An artifact cache` {
    /// A folder, a clock that only the test moves, and caches of several processes on them.
    private struct Host: Sendable {
        let folder: URL
        let clock = Shelf(Date(timeIntervalSince1970: 1_800_000_000))
        var limit: Int64 = 1_000
        var hold = Duration.seconds(100)

        final class Shelf: Sendable {
            let time: Mutex<Date>
            init(_ time: Date) { self.time = Mutex(time) }
        }

        func pass(_ seconds: Double) { clock.time.withLock { $0 += seconds } }

        func process() -> ArtifactCache {
            ArtifactCache(
                CacheSettings(path: folder.appending(path: "cache").path, limit: limit, hold: hold),
                now: { [clock] in clock.time.withLock { $0 } })
        }

        func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
            let file = folder.appending(path: name)
            try Data(bytes).write(to: file)
            return file
        }

        func take(_ bytes: [UInt8], by cache: ArtifactCache) async throws -> Artifact.ID {
            try await cache.take(file(UUID().uuidString, bytes), partSize: 1 << 20, withMD5: false).digest.artifact.id
        }
    }

    private func onHost(_ body: (Host) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "artifact-cache-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(Host(folder: folder))
    }

    @Test func `evicts what was used least recently, and nothing that is in use`() async throws {
        try await onHost { host in
            let (one, other) = (host.process(), host.process())
            var ids: [Artifact.ID] = []
            for number in 0..<4 {
                ids.append(try await host.take(noise(250, seed: UInt64(number + 1)), by: one))
                host.pass(10)
            }
            // Everything was used a moment ago: the limit has to wait.
            let fifth = try await host.take(noise(250, seed: 5), by: other)
            #expect(try await one.usage().files == 5)
            host.pass(95)
            // The first is used again, by another process; the others are not.
            #expect(try await other.find(ids[0]) != nil)
            host.pass(20)
            let sixth = try await host.take(noise(250, seed: 6), by: one)
            #expect(try await one.usage().bytes == 1_000)
            var left: [Artifact.ID] = []
            for id in ids + [fifth, sixth] where try await one.find(id) != nil { left.append(id) }
            #expect(left == [ids[0], ids[3], fifth, sixth])
        }
    }

    @Test func `makes room before it fetches`() async throws {
        try await onHost { host in
            let cache = host.process()
            let old = try await host.take(noise(900), by: cache)
            host.pass(200)
            let bytes = noise(500, seed: 2)
            let id = try #require(Artifact.ID(bytes: Array(SHA256.hash(data: bytes))))
            _ = try await cache.fetch(id, bytes: 500) { path in
                #expect(try FileStatus.of("\(host.folder.path)/cache/\("\(old)".prefix(2))/\(old)") == nil)
                try Data(bytes).write(to: URL(filePath: path))
            }
            #expect(try await cache.usage().bytes == 500)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can make files that are another's"))
    func `stays its owner's when root uses it`() async throws {
        try await onHost { host in
            try #require(chown(host.folder.path, 65_534, 65_533) == 0)
            let cache = host.process()
            let root = host.folder.appending(path: "cache").path
            #expect(try await cache.usage().files == 0)
            #expect(try FileStatus.of(root) == nil, "who only looks makes nothing")
            _ = try await host.take(noise(10), by: cache)
            let linked = try host.file("one", noise(20))
            try FileManager.default.linkItem(at: linked, to: host.folder.appending(path: "two"))
            _ = try await cache.take(linked, partSize: 1 << 20, withMD5: false)
            let bytes = noise(30, seed: 3)
            let id = try #require(Artifact.ID(bytes: Array(SHA256.hash(data: bytes))))
            _ = try await cache.fetch(id, bytes: 30) { try Data(bytes).write(to: URL(filePath: $0)) }
            let names = try #require(FileManager.default.enumerator(atPath: root)?.allObjects as? [String])
            #expect(names.count >= 3 + 3 + 2 && names.contains { $0.hasPrefix("locks/") }, "\(names)")
            for name in names + ["."] {
                var status = stat()
                #expect(lstat("\(root)/\(name)", &status) == 0)
                #expect([status.st_uid, status.st_gid] == [65_534, 65_533], "\(name)")
            }
        }
    }

    @Test func `notices damage, and has the file fetched again`() async throws {
        try await onHost { host in
            let bytes = noise(300)
            let id = try await host.take(bytes, by: host.process())
            let path = try #require(try await host.process().find(id)?.path)
            try #require(chmod(path, 0o640) == 0)
            try Data(noise(300, seed: 4)).write(to: URL(filePath: path))
            #expect(try await host.process().find(id) == nil)
            #expect(try FileStatus.of(path) == nil, "what is damaged goes")
            let calls = Shots(1)
            let file = try await host.process().fetch(id, bytes: 300) { path in
                #expect(calls.take())
                try Data(bytes).write(to: URL(filePath: path))
            }
            #expect(try Array(Data(contentsOf: file)) == bytes)
            #expect(try await host.process().find(id) == file)
        }
    }

    @Test func `gives no name to other bytes than its own`() async throws {
        try await onHost { host in
            let cache = host.process()
            let id = try #require(Artifact.ID(bytes: Array(repeating: 1, count: 32)))
            let error = await #expect(throws: ArtifactCache.Mismatch.self) {
                try await cache.fetch(id, bytes: 5) { try Data([1, 2, 3]).write(to: URL(filePath: $0)) }
            }
            #expect(error?.found.bytes == Array(SHA256.hash(data: [1, 2, 3])))
            #expect(try await cache.find(id) == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(host.folder.path)/cache/incoming").isEmpty)
        }
    }

    @Test func `copies what it can't move safely`() async throws {
        try await onHost { host in
            let cache = host.process()
            let one = try host.file("one", noise(10))
            try FileManager.default.linkItem(at: one, to: host.folder.appending(path: "two"))
            let id = try await cache.take(one, partSize: 1 << 20, withMD5: false).digest.artifact.id
            try Data([0]).write(to: host.folder.appending(path: "two"), options: [])
            #expect(try await host.process().find(id) != nil)
        }
    }

    @Test func `hands out no file that vanishes while many processes use and evict`() async throws {
        try await onHost { host in
            var host = host
            host.limit = 2_000
            host.hold = .seconds(2)
            let shared = host
            try await withThrowingTaskGroup(of: Void.self) { group in
                for process in 0..<4 {
                    group.addTask {
                        let cache = shared.process()
                        for round in 0..<60 {
                            let bytes = noise(400, seed: UInt64((round * 7 + process) % 12 + 1))
                            let id = try #require(Artifact.ID(bytes: Array(SHA256.hash(data: bytes))))
                            let file = try await cache.fetch(id, bytes: 400) { path in
                                try Data(bytes).write(to: URL(filePath: path))
                            }
                            shared.pass(0.2)
                            #expect(try Array(Data(contentsOf: file)) == bytes)
                        }
                    }
                }
                try await group.waitForAll()
            }
            host.pass(10)
            _ = try await host.take(noise(400, seed: 99), by: host.process())
            #expect(try await host.process().usage().bytes <= 2_000)
        }
    }

    @Test func `removes what killed processes left`() async throws {
        try await onHost { host in
            let cache = host.process()
            _ = try await host.take(noise(10), by: cache)
            try FileManager.default.createDirectory(
                atPath: "\(host.folder.path)/cache/incoming", withIntermediateDirectories: true)
            _ = try host.file("cache/incoming/.draft-abc", noise(20))
            #expect(try await cache.removeAbandoned(before: Date(timeIntervalSince1970: 1_000)) == 0)
            #expect(try await cache.removeAbandoned(before: .distantFuture) == 1)
            #expect(try await cache.usage().files == 1)
        }
    }

    @Test func `knows a file's parts as they are sent`() throws {
        #expect(FileDigest.partSize(for: 1 << 30, wanted: 16 << 20) == 16 << 20)
        // 10,000 parts of 16 MiB are 160 GB; what is larger has larger parts.
        #expect(FileDigest.partSize(for: 200_000_000_000, wanted: 16 << 20) == 20 << 20)
        #expect(FileDigest.partSize(for: 10_000, wanted: 1) == 1)
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appending(path: "digest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        // Pieces that are read end elsewhere than parts do.
        let bytes = noise(700_000)
        try Data(bytes).write(to: file)
        let digest = try FileDigest(OpenFile.reading(file.path), partSize: 300_000, withMD5: true)
        #expect(digest.parts.count == 3)
        for number in 1...3 {
            let range = digest.range(ofPart: number)
            let part = bytes[Int(range.lowerBound)..<Int(range.upperBound)]
            #expect(digest.parts[number - 1] == Array(SHA256.hash(data: part)))
            #expect(digest.md5s?[number - 1] == Array(Insecure.MD5.hash(data: part)))
        }
        #expect(digest.artifact.id.bytes == Array(SHA256.hash(data: bytes)))
    }
}
