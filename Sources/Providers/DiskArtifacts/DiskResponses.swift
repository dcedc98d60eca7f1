import Blocking
import DurableFiles
package import FoundationEssentials
import Glibc
package import Production

/// Keeps providers' answers in a folder: `ROOT/responses/aa/HASH`, where `aa` is the request hash's first byte.
///
/// A file is as `KeptResponse.encoded()` writes it, and appears whole and flushed, or not at all. Any number of processes and hosts may share the root.
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
        let folder = try DurableFolder(making: folder(of: request))
        try folder.write(try response.encoded(), as: "\(request)", mode: 0o440)
        try folder.sync()
    }

    package func find(_ request: RequestHash) async throws -> KeptResponse? {
        let path = DurableFolder(existing: folder(of: request)).path(of: "\(request)")
        guard try FileStatus.of(path) != nil else { return nil }
        let file = try OpenFile.reading(path)
        var bytes: [UInt8] = []
        try file.forEachPiece { bytes.append(contentsOf: $0) }
        return KeptResponse(encoded: bytes)
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

    private func folder(of request: RequestHash) -> String { "\(root)/\("\(request)".prefix(2))" }
}
