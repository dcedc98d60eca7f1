import Foundation
import Testing

/// The units as they are installed, judged by systemd's own tools; nothing is started.
@Suite(.timeLimit(.minutes(10))) struct `The systemd units` {
    private static let services = [
        "ytempire-script@.service", "ytempire-voice@.service", "ytempire-render@.service", "ytempire-upload@.service",
        "ytempire-coordinator.service", "ytempire-metrics.service",
    ]
    private static let others = ["ytempire.target", "ytempire.slice", "ytempire-coordinator.timer"]

    /// What `systemd-analyze verify` has to say about units of which all others lie in the same folder.
    private func verify(_ units: [URL], in folder: URL) async throws -> Command {
        // The trailing colon: systemd's own units too.
        try await Command.run(
            "systemd-analyze", ["verify", "--man=no"] + units.map(\.path),
            environment: ["SYSTEMD_UNIT_PATH": "\(folder.path):"])
    }

    private func instance(_ unit: String, in folder: URL) -> URL {
        folder.appending(path: unit.replacing("@.", with: "@1."))
    }

    @Test func `are all here`() async throws {
        let system = try await Installation.shared.value
        let units = system.files.filter { $0.hasPrefix("usr/local/lib/systemd/system/") }
            .map { URL(filePath: $0).lastPathComponent }
        #expect(units.sorted() == (Self.services + Self.others).sorted())
    }

    @Test(arguments: services + others)
    func `are clean`(_ unit: String) async throws {
        let folder = try await Installation.shared.value.url("usr/local/lib/systemd/system")
        let answer = try await verify([instance(unit, in: folder)], in: folder)
        #expect(answer.status == 0 && answer.output.isEmpty, "\(answer)")
    }

    @Test func `would be seen to be wrong`() async throws {
        let original = try await Installation.shared.value.url("usr/local/lib/systemd/system/ytempire-voice@.service")
        let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let unit = folder.appending(path: "ytempire-voice@.service")
        let text = try String(contentsOf: original, encoding: .utf8)
        try text.replacing("Slice=", with: "Slize=").write(to: unit, atomically: true, encoding: .utf8)
        let misspelt = try await verify([instance("ytempire-voice@.service", in: folder)], in: folder)
        #expect(misspelt.output.contains("Slize"), "\(misspelt)")
        try text.replacing("/bin/ytempire-voice", with: "/bin/nothing").write(
            to: unit, atomically: true, encoding: .utf8)
        let missing = try await verify([instance("ytempire-voice@.service", in: folder)], in: folder)
        #expect(missing.status != 0, "\(missing)")
        // And unprotected.
        let bare = text.split(separator: "\n").filter { !$0.hasPrefix("Protect") }.joined(separator: "\n")
        try bare.write(to: unit, atomically: true, encoding: .utf8)
        #expect(try await exposure(of: unit).status != 0)
    }

    private func exposure(of unit: URL) async throws -> Command {
        try await Command.run(
            "systemd-analyze", ["security", "--no-pager", "--offline=true", "--threshold=20", unit.path])
    }

    /// Two of ten: what bare units have is 9.6.
    @Test(arguments: services)
    func `expose no more than 2.0`(_ unit: String) async throws {
        let folder = try await Installation.shared.value.url("usr/local/lib/systemd/system")
        let answer = try await exposure(of: folder.appending(path: unit))
        #expect(answer.status == 0, "\(answer)")
    }

    /// The lines of a unit that say something.
    private func settings(_ unit: String) async throws -> [String] {
        try await Installation.shared.value.text("usr/local/lib/systemd/system/\(unit)").split(separator: "\n")
            .map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func `of the four stages differ only where the stages do`() async throws {
        // Devices and code written at run time: the GPU. Secrets: whose provider it is. Memory: who needs
        // how much.
        let mayDiffer = [
            "Memory", "PrivateDevices=", "PrivateUsers=", "ProcSubset=", "DevicePolicy=", "DeviceAllow=", "IPAddress",
            "LoadCredential=",
        ]
        var common: Set<String>?
        for stage in ["script", "voice", "render", "upload"] {
            let lines = try await settings("ytempire-\(stage)@.service")
                .map { line in
                    ["ytempire-\(stage)", " \(stage) ", "\(stage)-%l", "/\(stage)-%i"].reduce(line) {
                        $0.replacing($1, with: $1.replacing(stage, with: "STAGE"))
                    }
                }
                .filter { line in !mayDiffer.contains { line.hasPrefix($0) } }
            #expect(common == nil || common == Set(lines), "\(stage): \(Set(lines).symmetricDifference(common ?? []))")
            common = Set(lines)
        }
    }

    @Test func `stop a worker later than it drains`() async throws {
        for stage in ["script", "voice", "render", "upload"] {
            let lines = try await settings("ytempire-\(stage)@.service")
            let stop = try #require(lines.first { $0.hasPrefix("TimeoutStopSec=") })
            // worker.drain's default, the farewell to Redis, and a margin.
            #expect(try #require(Int(stop.dropFirst("TimeoutStopSec=".count).dropLast())) >= 60 + 15)
        }
    }

    @Test func `allow the renderer NVIDIA's devices and no others`() async throws {
        let allowed = try await settings("ytempire-render@.service").filter { $0.hasPrefix("Device") }
        #expect(
            allowed == [
                "DevicePolicy=closed", "DeviceAllow=char-nvidia rw", "DeviceAllow=char-nvidia-frontend rw",
                "DeviceAllow=char-nvidia-uvm rw",
            ])
    }

    @Test func `make the account and its folders`() async throws {
        // Needs an owner other than the tests' own account, so root; systemd-sysusers says so itself otherwise.
        let system = try await Installation.shared.value
        let root = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: root.appending(path: "etc"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let dry = try await Command.succeed(
            "systemd-sysusers",
            ["--dry-run", "--root=\(root.path)", system.url("usr/local/lib/sysusers.d/ytempire.conf").path])
        #expect(dry.output.contains("ytempire"), "\(dry)")
        guard geteuid() == 0 else { return }
        try await Command.succeed(
            "systemd-sysusers", ["--root=\(root.path)", system.url("usr/local/lib/sysusers.d/ytempire.conf").path])
        let accounts = try String(contentsOf: root.appending(path: "etc/passwd"), encoding: .utf8)
        let account = try #require(accounts.split(separator: "\n").first { $0.hasPrefix("ytempire:") })
        #expect(account.hasSuffix(":/var/lib/ytempire:/usr/sbin/nologin"), "\(account)")
        try await Command.succeed(
            "systemd-tmpfiles",
            ["--create", "--root=\(root.path)", system.url("usr/local/lib/tmpfiles.d/ytempire.conf").path])
        let number = try #require(UInt32(account.split(separator: ":")[2]))
        for folder in ["var/lib/ytempire", "var/lib/ytempire/artifacts", "var/lib/ytempire/published"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: root.appending(path: folder).path)
            #expect(attributes[.posixPermissions] as? Int == 0o750)
            #expect((attributes[.ownerAccountID] as? NSNumber)?.uint32Value == number)
        }
    }

    @Test func `tick each minute, and at once after the machine was off`() async throws {
        let lines = try await settings("ytempire-coordinator.timer")
        #expect(lines.contains("Persistent=true"))
        let calendar = try #require(lines.first { $0.hasPrefix("OnCalendar=") }).dropFirst("OnCalendar=".count)
        let answer = try await Command.succeed(
            "systemd-analyze",
            ["calendar", "--iterations=3", "--base-time=2026-03-29 00:59:30 UTC", String(calendar)],
            environment: ["TZ": "UTC"])
        for minute in ["01:00:00", "01:01:00", "01:02:00"] { #expect(answer.output.contains(minute), "\(answer)") }
    }
}
