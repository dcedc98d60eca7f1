import Foundation
import Synchronization

/// Films and photos that a stock peer serves: real files, made by FFmpeg's program when they are first asked for. Each subject has its
/// own colours, each item its own pattern; the same item is always the same.
package actor StockPeerMedia {
    private let folder: URL
    private var underway: [String: Task<[UInt8], any Error>] = [:]

    /// Whether all items look the same, and so cost next to nothing to make.
    private let isPlain: Bool

    package init(isPlain: Bool = false) throws {
        self.isPlain = isPlain
        folder = FileManager.default.temporaryDirectory.appending(path: "stock-peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// An MP4 of so many seconds, 24 frames a second.
    package func film(_ item: StockPeerCatalogue.Item, width: Int, height: Int) async throws -> [UInt8] {
        try await made(
            isPlain ? "\(item.seconds)s-\(width)x\(height).mp4" : "\(item.id)-\(width)x\(height).mp4",
            [
                "-f", "lavfi", "-i", pattern(item, width, height, "r=24:d=\(item.seconds):speed=0.02"), "-c:v",
                "libx264",
                "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-movflags", "+faststart",
            ])
    }

    /// A JPEG.
    package func photo(_ item: StockPeerCatalogue.Item, width: Int, height: Int) async throws -> [UInt8] {
        try await made(
            isPlain ? "\(width)x\(height).jpg" : "\(item.id)-\(width)x\(height).jpg",
            ["-f", "lavfi", "-i", pattern(item, width, height, "r=1:d=1"), "-frames:v", "1", "-pix_fmt", "yuvj420p"])
    }

    private func pattern(_ item: StockPeerCatalogue.Item, _ width: Int, _ height: Int, _ time: String) -> String {
        if isPlain { return "color=c=0x064663:s=\(width)x\(height):" + time.replacing(":speed=0.02", with: "") }
        let colours = item.subject.colours.enumerated().map { "c\($0)=0x\($1)" }.joined(separator: ":")
        return "gradients=s=\(width)x\(height):seed=\(item.id):n=\(item.subject.colours.count):\(colours):\(time)"
    }

    private func made(_ name: String, _ arguments: [String]) async throws -> [UInt8] {
        if let task = underway[name] { return try await task.value }
        let file = folder.appending(path: name)
        // Kept with its task: whoever asks meanwhile waits for the same.
        let task = Task {
            try await Self.run(arguments + ["-y", file.path(percentEncoded: false)])
            return [UInt8](try Data(contentsOf: file))
        }
        underway[name] = task
        return try await task.value
    }

    private static func run(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"] + arguments
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw FFmpegFailed(arguments: arguments, status: status) }
    }

    private struct FFmpegFailed: Error {
        let arguments: [String]
        let status: Int32
    }
}
