import Blocking
import Crypto
import DurableFiles

/// Hashes parts of files, on a thread of its own.
actor PartReader {
    private let executor = BlockingExecutor(label: "part reader")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func md5(of path: String, _ range: Range<Int64>) throws -> [UInt8] {
        let file = try OpenFile.reading(path)
        var hash = Insecure.MD5()
        try file.forEachPiece(in: range) { piece in
            try Task.checkCancellation()
            hash.update(bufferPointer: piece)
        }
        return Array(hash.finalize())
    }
}
