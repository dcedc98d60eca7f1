import Blocking
import Crypto
import DurableFiles
package import FoundationEssentials
import Glibc
package import Production

/// Keeps providers' answers in a folder: `ROOT/responses/aa/HASH`, where `aa` is the request hash's first byte.
///
/// A file is one line of JSON (reservation, costs, length and SHA-256 of the body), then the body's bytes. It appears
/// whole and flushed, or not at all. Any number of processes and hosts may share the root.
package actor DiskResponses: ResponseStore {
    private let executor = BlockingExecutor(label: "disk responses")
    private let root: String

    /// - Parameter root: the artifacts' root; the folder in it is made when the first answer is kept.
    package init(root: URL) { self.root = root.absoluteURL.standardized.plainPath + "/responses" }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Throws `FileFault` (`.full`) when less would be left than `reserve`, or the folder can't be written.
    package func checkRoom(bytes: Int64) async throws {
        let folder = try DurableFolder(making: root)
        let space = try DiskSpace.of(root)
        guard space.free >= bytes + Self.reserve else {
            throw FileFault("keep \(bytes) bytes in", folder.path, errno: ENOSPC)
        }
        // Written and removed: a read-only file system has room too.
        _ = try DraftFile(in: folder)
    }

    package func keep(_ response: KeptResponse, for request: RequestHash) async throws {
        let head = Head(
            reservation: response.reservation, costs: response.costs, bytes: response.body.count,
            sha256: SHA256.hash(data: response.body).hexadecimal)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let folder = try DurableFolder(making: folder(of: request))
        try folder.write(
            Array(try encoder.encode(head)) + [Self.newline] + response.body, as: "\(request)", mode: 0o440)
        try folder.sync()
    }

    package func find(_ request: RequestHash) async throws -> KeptResponse? {
        let path = DurableFolder(existing: folder(of: request)).path(of: "\(request)")
        guard try FileStatus.of(path) != nil else { return nil }
        let file = try OpenFile.reading(path)
        var bytes: [UInt8] = []
        try file.forEachPiece { bytes.append(contentsOf: $0) }
        guard let end = bytes.firstIndex(of: Self.newline),
            let head = try? JSONDecoder().decode(Head.self, from: Data(bytes[..<end]))
        else { return nil }
        let body = Array(bytes[(end + 1)...])
        guard body.count == head.bytes, SHA256.hash(data: body).hexadecimal == head.sha256 else { return nil }
        return KeptResponse(reservation: head.reservation, costs: head.costs, body: body)
    }

    /// Deletes an answer: for retention. Answers whether there was one.
    @discardableResult
    package func remove(_ request: RequestHash) async throws -> Bool {
        let folder = DurableFolder(existing: folder(of: request))
        guard try folder.remove("\(request)") else { return false }
        try folder.sync()
        return true
    }

    /// What stays free for everyone else, in bytes.
    private static let reserve: Int64 = 32 << 20
    private static let newline: UInt8 = 0x0A

    private func folder(of request: RequestHash) -> String { "\(root)/\("\(request)".prefix(2))" }

    private struct Head: Codable {
        let reservation: UUID
        let costs: [CostEntry]
        let bytes: Int
        let sha256: String
    }
}
