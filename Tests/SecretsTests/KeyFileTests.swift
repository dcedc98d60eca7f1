import Foundation
import Production
import Secrets
import Testing

private let place = SealedPlace(table: "accounts", column: "access_token", row: 1)

/// A folder of its own, gone with it.
private final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
    var path: String { url.appending(path: "secret.keys").path(percentEncoded: false) }

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func allow(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
}

private func problem(of body: () throws -> Void) -> SecretsError? {
    #expect(throws: SecretsError.self) { try body() }
}

@Suite struct `A key file` {
    @Test func `is made for its owner alone, and a later key comes first`() throws {
        let folder = try Folder()
        let file = KeyFile(path: folder.path)
        let first = try file.add()
        #expect(first.keys.count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let both = try file.add()
        #expect(both.keys.count == 2)
        #expect(both.keys[1] == first.keys[0])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 1)
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o622, 0o644])
    func `that others may use is refused, with what mends it`(mode: Int) throws {
        let folder = try Folder()
        let file = KeyFile(path: folder.path)
        try file.add()
        try folder.allow(mode)
        let refused = problem { try KeyFile(path: folder.path).load() }
        #expect(refused?.code == .unsafe)
        #expect(refused?.message.contains("chmod 600 '\(folder.path)'") == true)
        #expect(problem { _ = try KeyFile(path: folder.path).seal(Secret("x"), for: place) }?.code == .unsafe)
        try folder.allow(0o400)
        try KeyFile(path: folder.path).load()
    }

    @Test func `that is missing, a folder, empty, or holds something else tells so and never quotes it`() throws {
        let folder = try Folder()
        #expect(problem { try KeyFile(path: folder.path).load() }?.code == .noKeys)
        #expect(problem { try KeyFile(path: folder.url.path).load() }?.code == .malformed)
        try Data("# nothing\n\n".utf8).write(to: URL(filePath: folder.path))
        try folder.allow(0o600)
        #expect(problem { try KeyFile(path: folder.path).load() }?.code == .malformed)
        try Data("# nothing\nhunter2-password\n".utf8).write(to: URL(filePath: folder.path))
        try folder.allow(0o600)
        let refused = problem { try KeyFile(path: folder.path).load() }
        #expect(refused?.code == .malformed)
        #expect(refused?.message.contains("Line 2") == true)
        #expect(refused?.message.contains("hunter2") == false)
    }

    @Test func `is read again when a value names a key that was added since`() throws {
        let folder = try Folder()
        let (worker, person) = (KeyFile(path: folder.path), KeyFile(path: folder.path))
        try person.add()
        let old = try worker.seal(Secret("before"), for: place)
        try person.add()
        let new = try person.seal(Secret("after"), for: place)
        #expect(try worker.open(new, at: place).value == "after")
        #expect(try worker.open(old, at: place).value == "before")
        #expect(try worker.resealed(old, at: place) != nil)
    }

    @Test func `of systemd's goes before the configured one, and systemd vouches for it`() throws {
        let (credentials, other) = (try Folder(), try Folder())
        let handed = credentials.url.appending(path: "secret-keys").path(percentEncoded: false)
        let keys = try KeyFile(path: handed).add()
        try FileManager.default.setAttributes([.posixPermissions: 0o440], ofItemAtPath: handed)
        let file = KeyFile(environment: ["CREDENTIALS_DIRECTORY": credentials.url.path], path: other.path)
        #expect(try file.load().keys == keys.keys)
        #expect(KeyFile(environment: ["CREDENTIALS_DIRECTORY": other.url.path], path: other.path).path == other.path)
        #expect(KeyFile(environment: [:], path: other.path).path == other.path)
    }
}
