import Foundation
import Testing

@testable import Media

@Suite struct `A process' share of its machine` {
    private let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "host-\(UUID().uuidString)")
        try write("proc/meminfo", "MemTotal:       8000000 kB\nMemAvailable:   4000000 kB\n")
    }

    private func write(_ path: String, _ text: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    private func find(processors: Int = 16) -> HostShare {
        defer { try? FileManager.default.removeItem(at: root) }
        return HostShare.find(root: root.path(percentEncoded: false) + "/", processors: processors)
    }

    @Test func `is all of it where nothing bounds it`() {
        #expect(find() == HostShare(processors: 16, memory: 4_096_000_000))
    }

    @Test func `is what the tightest of its control groups leaves`() throws {
        try write("proc/self/cgroup", "0::/fleet.slice/render.service\n")
        try write("sys/fs/cgroup/fleet.slice/render.service/cpu.max", "max 100000\n")
        try write("sys/fs/cgroup/fleet.slice/render.service/memory.max", "3000000000\n")
        try write("sys/fs/cgroup/fleet.slice/render.service/memory.current", "1000000000\n")
        try write("sys/fs/cgroup/fleet.slice/cpu.max", "250000 100000\n")
        try write("sys/fs/cgroup/fleet.slice/memory.max", "max\n")
        #expect(find() == HostShare(processors: 3, memory: 2_000_000_000))
    }

    @Test func `gives at least one lane, and never more than there is memory for`() {
        #expect(HostShare(processors: 2, memory: nil).lanes(for: .horizontal) == 2)
        #expect(HostShare(processors: 16, memory: 2_000_000_000).lanes(for: .horizontal) == 5)
        #expect(HostShare(processors: 16, memory: 0).lanes(for: .horizontal) == 1)
        #expect(HostShare(processors: 96, memory: nil).lanes(for: .horizontal) == 16)
    }
}
