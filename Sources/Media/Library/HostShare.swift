import Foundation

/// How much of its machine this process may use: what a control group leaves it (Linux, cgroup v2), at most what there is.
struct HostShare: Sendable, Equatable {
    /// At least 1.
    let processors: Int
    /// Bytes that may still be taken; nil where that can't be known.
    let memory: Int64?

    /// - Parameter root: where the machine's own files lie; another one in tests.
    static func find(
        root: String = "/", processors: Int = ProcessInfo.processInfo.activeProcessorCount
    ) -> HostShare {
        func text(_ path: String) -> String? { try? String(contentsOfFile: root + path, encoding: .utf8) }
        var (processors, memory) = (Double(processors), Self.available(text("proc/meminfo") ?? ""))
        // The own group and all above it: each may be bounded.
        var group = (text("proc/self/cgroup") ?? "").split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
        while let path = group {
            let folder = "sys/fs/cgroup" + path + "/"
            let quota = (text(folder + "cpu.max") ?? "").split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
            if quota.count == 2, quota[1] > 0 { processors = min(processors, quota[0] / quota[1]) }
            for limit in ["memory.max", "memory.high"] {
                guard let most = number(text(folder + limit)), let used = number(text(folder + "memory.current"))
                else { continue }
                memory = min(memory ?? .max, max(0, most - used))
            }
            group = path == "/" || path.isEmpty ? nil : path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return HostShare(processors: max(1, Int(processors.rounded())), memory: memory)
    }

    private static func number(_ text: String?) -> Int64? {
        text.flatMap { Int64($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// `MemAvailable:   12345 kB`
    private static func available(_ text: String) -> Int64? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else { return nil }
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int64($0) }.map { $0 * 1024 }
    }

    /// How many pieces of a video are drawn and encoded side by side: one for each processor, as long as half of the memory is
    /// left to others.
    func lanes(for size: FrameSize) -> Int {
        let fitting = memory.map { Int($0 / 2 / Self.laneMemory(size)) } ?? .max
        return max(1, min(processors, fitting, Self.mostLanes))
    }

    /// A lane holds the frames that x264 looks ahead and refers to, four times as large where it interpolates between samples,
    /// and two pictures larger than a frame: about sixty frames of 4:2:0.
    private static func laneMemory(_ size: FrameSize) -> Int64 { Int64(size.width * size.height * 3 / 2 * 60) }

    /// A video has too few pieces to keep more busy until its end.
    private static let mostLanes = 16
}
