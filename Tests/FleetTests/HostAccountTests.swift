import Foundation
import Testing

@testable import Fleet

@Suite struct `What an account of the host may do` {
    @Test func `is told by owner, group and mode, all the way down`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "account-\(UUID().uuidString)")
        let inner = folder.appending(path: "inner")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var status = stat()
        try #require(stat(inner.path, &status) == 0)
        let (owner, group) = (status.st_uid, status.st_gid)
        // Root, whom no mode keeps out, is nobody's stand-in here.
        let stranger = owner == 4_711 ? 4_712 : uid_t(4_711)
        let others = HostAccount(id: stranger, groups: [stranger])
        let members = HostAccount(id: stranger, groups: [stranger, group])
        for (mode, mayMembers, mayOthers) in [
            (0o755, false, false), (0o775, true, false), (0o777, true, true), (0o773, true, true), (0o707, false, true),
            (0o726, false, false),
        ] {
            #expect(chmod(inner.path, mode_t(mode)) == 0)
            #expect(members.may([.write, .search], inner.path) == mayMembers, "\(String(mode, radix: 8))")
            #expect(others.may([.write, .search], inner.path) == mayOthers, "\(String(mode, radix: 8))")
        }
        #expect(chmod(inner.path, 0o777) == 0)
        #expect(chmod(folder.path, 0o750) == 0)
        #expect(members.may([.read], inner.path) && !others.may([.read], inner.path), "the way there is closed")
        let link = folder.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: inner)
        #expect(members.may([.write], link.path) && !members.may([.read], folder.appending(path: "none").path))
    }

    @Test func `is asked for by its name`() throws {
        let nobody = try #require(HostAccount(named: "nobody"))
        #expect(nobody.may([.read], "/etc/passwd") && !nobody.may([.read], "/etc/shadow"))
        #expect(try #require(HostAccount(named: "root")).may([.read], "/etc/shadow"))
        #expect(HostAccount(named: "no such account") == nil)
    }
}
