import Crypto
import DurableFiles
import FoundationEssentials
import Production

/// A file's hashes: of all of it, and of the parts it is sent in. All from one reading, so that the parts that were sent
/// make the file that has the name.
struct FileDigest: Sendable, Equatable {
    let artifact: Artifact
    let partSize: Int64
    /// Each part's SHA-256, where there is more than one part.
    private(set) var parts: [[UInt8]] = []
    /// Each part's MD5, or the whole file's; nil where nobody asks for them.
    private(set) var md5s: [[UInt8]]?

    /// Reads the file to its end. Stops between pieces when cancelled.
    ///
    /// - Throws: `ArtifactFault(.changed)` if it grows or shrinks meanwhile; `FileFault`.
    init(_ file: borrowing OpenFile, partSize wanted: Int64, withMD5: Bool) throws {
        let size = try file.status().content.size
        partSize = Self.partSize(for: size, wanted: wanted)
        let hasParts = size > partSize
        var (whole, part, md5) = (SHA256(), SHA256(), Insecure.MD5())
        var (length, room) = (Int64(0), partSize)
        var (parts, md5s): ([[UInt8]], [[UInt8]]) = ([], [])
        func endPart() {
            if hasParts { parts.append(Array(part.finalize())) }
            if withMD5 { md5s.append(Array(md5.finalize())) }
            (part, md5) = (SHA256(), Insecure.MD5())
        }
        let ownPartSize = partSize
        try file.forEachPiece { piece in
            try Task.checkCancellation()
            whole.update(bufferPointer: piece)
            var rest = piece[...]
            while !rest.isEmpty {
                if room == 0 {
                    endPart()
                    room = ownPartSize
                }
                let slice = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(room)))
                if hasParts { part.update(bufferPointer: slice) }
                if withMD5 { md5.update(bufferPointer: slice) }
                rest = rest.dropFirst(slice.count)
                room -= Int64(slice.count)
            }
            length += Int64(piece.count)
        }
        endPart()
        guard length == size else { throw ArtifactFault(.changed, path: file.path) }
        artifact = Artifact(id: try Artifact.ID(digest: whole.finalize()), bytes: length)
        (self.parts, self.md5s) = (parts, withMD5 ? md5s : nil)
    }

    /// Where the part lies in the file.
    ///
    /// - Parameter number: from 1 on, as S3 counts.
    func range(ofPart number: Int) -> Range<Int64> {
        let start = Int64(number - 1) * partSize
        return start..<min(start + partSize, artifact.bytes)
    }

    private static let mebibyte: Int64 = 1 << 20

    /// S3 takes no more than 10,000 parts; whole mebibytes make the parts the same at every try.
    static func partSize(for bytes: Int64, wanted: Int64) -> Int64 {
        let least = (bytes + 9_999) / 10_000
        guard least > wanted else { return wanted }
        return (least + mebibyte - 1) / mebibyte * mebibyte
    }
}

extension Artifact.ID {
    init(digest: SHA256.Digest) throws {
        // Cannot fail: a SHA-256 digest has the 32 bytes that the name needs.
        guard let id = Artifact.ID(bytes: Array(digest)) else { throw CryptoKitError.incorrectParameterSize }
        self = id
    }
}
