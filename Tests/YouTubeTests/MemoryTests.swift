import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import TestServers
import Testing

@testable import YouTube

@Suite struct `A large upload` {
    /// A part of the 2 GB that are promised, as far as memory could not be kept from growing with it. `make faults` does all of
    /// them (`UPLOAD_BYTES`): the file is sparse, and the peer keeps nothing but a hash.
    private static let bytes = ProcessInfo.processInfo.environment["UPLOAD_BYTES"].flatMap { Int64($0) } ?? 256 << 20

    @Test(.timeLimit(.minutes(10))) func `stays below 64 MB in memory, over ten cuts`() async throws {
        try await Studio.open { studio in
            let file = studio.folder.appending(path: "large.mp4")
            #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
            let handle = try FileHandle(forWritingTo: file)
            try handle.truncate(atOffset: UInt64(Self.bytes))
            try handle.close()
            for _ in 1...10 {
                studio.peer.server.fail(.resetWhileReading(after: Int(Self.bytes / 13))) {
                    $0.method == .PUT && $0.headers["Content-Length"] != ["0"]
                }
            }
            let ended = try await Programs.run(
                "UploadChild", [studio.peer.server.address, Studio.refreshToken, file.path], in: studio.folder)
            #expect(ended.status == 0, "\(ended)")
            let words = ended.out.split(whereSeparator: \.isWhitespace).map(String.init)
            let video = try #require(studio.peer.videos.first)
            #expect(words.first == video.id && video.bytes == Self.bytes)
            let resident = try #require(words.last.flatMap { Int($0) })
            print("an upload of \(Self.bytes) bytes had at most \(resident) kB in memory")
            #expect(resident > 0 && resident < 64 << 10, "\(resident) kB")
            let transfer = try #require(studio.peer.transfers.first)
            #expect(transfer.starts.count == 11 && transfer.again == 0)
            // What a cut loses is less than one step of the peer's.
            #expect(transfer.received - Self.bytes < 10 * (256 << 10))
        }
    }
}
