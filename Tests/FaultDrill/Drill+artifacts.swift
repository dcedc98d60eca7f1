import Foundation
import Glibc
import Postgres
import Production
import TestServers

extension Drill {
    /// Fault 7: artifacts.
    static let artifacts: [Drill] = [
        Drill(7, "the artifacts' disk full for 5 s") {
            try await smallDisk { disk in
                let filler = disk.appending(path: "filler")
                try Disk.fill(with: filler)
                try await Task.sleep(for: .seconds(5))
                try FileManager.default.removeItem(at: filler)
            }
        },
        Drill(7, "the artifacts' disk unwritable for 5 s") {
            try await smallDisk { disk in
                try remount(disk, "ro")
                try await Task.sleep(for: .seconds(5))
                try remount(disk, "rw")
            }
        },
        Drill(7, "artifacts whose bytes are no longer those of their names: made again, never published", quick: true) {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(4)
                try fleet.start([.script, .voice, .render])
                try await fleet.open("2026-05-01")
                try await eventually("all are rendered", within: .seconds(60)) {
                    try await fleet.number("SELECT count(*) FROM jobs WHERE stage = 'upload'") == 4
                }
                // One of each kind, of a job each: changed, shortened, gone.
                let files = try await fleet.texts(
                    """
                    SELECT encode(sha256, 'hex') FROM job_artifacts
                    WHERE (job_id, kind) IN ((1, 'video'), (2, 'storyboard'), (3, 'manifest'))
                    ORDER BY job_id
                    """
                ).map { fleet.folder.appending(path: "artifacts/\($0.prefix(2))/\($0.dropFirst(2).prefix(2))/\($0)") }
                for file in files { chmod(file.path, 0o640) }
                try Data("something else altogether".utf8).write(to: files[0])
                try Data().write(to: files[1])
                try FileManager.default.removeItem(at: files[2])
                try fleet.start([.upload])
                try await fleet.finish()
                var oracle = Oracle(fleet)
                oracle.madeAgain = [1, 2, 3, 4]  // all manifests are one file
                return Outcome(try await oracle.check())
            }
        },
        Drill(7, "a disk that damages every copy of a file: given up, the others go on") {
            try await FaultFleet.with(.init()) { fleet in
                try await fleet.addUsers(4)
                try fleet.start([.script, .render, .upload])
                try await fleet.open("2026-05-01")
                try await eventually("all are written", within: .seconds(60)) {
                    try await fleet.number("SELECT count(*) FROM jobs WHERE stage = 'voice'") == 4
                }
                let name = try await fleet.texts(
                    "SELECT encode(sha256, 'hex') FROM job_artifacts WHERE job_id = 1 AND kind = 'storyboard'")[0]
                let file = fleet.artifacts.appending(path: "\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)")
                let disk = Task {
                    while !Task.isCancelled {
                        chmod(file.path, 0o640)
                        try? Data("damaged".utf8).write(to: file)
                        try await Task.sleep(for: .milliseconds(2))
                    }
                }
                defer { disk.cancel() }
                try fleet.start([.voice])
                try await fleet.finish()
                let times = try await fleet.number(
                    "SELECT count(*) FROM attempts WHERE job_id = 1 AND stage = 'voice'")
                // Damaged before the script's commit, it is a failure of the script's, of which there are eight at most.
                guard times <= 4 else { throw DrillFailure("the damaged file was tried \(times) times") }
                let error = try await fleet.texts("SELECT error::text FROM jobs WHERE id = 1").first ?? ""
                guard error.contains("damaged") else { throw DrillFailure("its error is \(error)") }
                var oracle = Oracle(fleet)
                (oracle.poisoned, oracle.madeAgain) = ([1], [1])
                return Outcome(try await oracle.check())
            }
        },
    ]

    /// A fleet in the midst of its work, whose artifacts lie on a disk of a few hundred kilobytes, to which something is
    /// done. Needs root, for the disk is a tmpfs.
    private static func smallDisk(_ fault: @escaping @Sendable (URL) async throws -> Void) async throws -> Outcome {
        let disk = FileManager.default.temporaryDirectory.appending(path: "small-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        guard mount("tmpfs", disk.path, "tmpfs", 0, "size=512k") == 0 else {
            throw DrillFailure(
                "a disk of this drill's own can't be mounted (\(String(cString: strerror(errno)))): run it as root")
        }
        defer {
            umount2(disk.path, Int32(MNT_DETACH))
            try? FileManager.default.removeItem(at: disk)
        }
        var options = FaultFleet.Options()
        options.settings = ["artifacts.path": disk.appending(path: "store").path, "retry.attempts": "50"]
        return try await midst(options) { _ in try await fault(disk) }
    }

    private static func remount(_ disk: URL, _ mode: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/mount")
        process.arguments = ["-o", "remount,\(mode)", disk.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw DrillFailure("the disk can't be remounted \(mode)") }
    }
}

enum Disk {
    /// Writes a file until its disk is full.
    static func fill(with file: URL) throws {
        try Data().write(to: file)
        let handle = try FileHandle(forWritingTo: file)
        while (try? handle.write(contentsOf: Data(count: 4_096))) != nil {}
        try? handle.close()
    }
}
