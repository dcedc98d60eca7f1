import Blocking
import FoundationEssentials
import Glibc
import Production
import ProviderCalling

/// A file to be sent, looked at on a thread of its own.
actor LocalFile {
    private let executor = BlockingExecutor(label: "local file")
    private let path: String

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(_ path: String) { self.path = path }

    /// Bytes, more than none.
    static func size(of path: String, for line: ProviderLine) async throws -> Int64 {
        guard let size = await LocalFile(path).size(), size > 0 else {
            throw line.failure(.transient(), asked: "read \(path)", answer: "there is no such file, or it is empty")
        }
        return size
    }

    static func bytes(of path: String, for line: ProviderLine) async throws -> [UInt8] {
        guard let bytes = await LocalFile(path).bytes() else {
            throw line.failure(.transient(), asked: "read \(path)", answer: "it can't be read")
        }
        return bytes
    }

    private func size() -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    private func bytes() -> [UInt8]? { FileManager.default.contents(atPath: path).map { Array($0) } }
}
