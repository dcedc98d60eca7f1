import CZlib

/// Puts a PNG file together (https://www.w3.org/TR/png-3/): 8-bit RGB, not interlaced, sRGB.
enum PNGFile {
    /// `pieces` are the compressed rows in order, each row after its filter byte; the last one ends the stream.
    static func bytes(width: Int, height: Int, pieces: [PaintedBand]) -> [UInt8] {
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file.reserveCapacity(pieces.reduce(256) { $0 + $1.compressed.count })
        append("IHDR", [[UInt8]](arrayLiteral: number(width) + number(height) + [8, 2, 0, 0, 0]), to: &file)
        append("sRGB", [[0]], to: &file)
        var checksum: UInt = 1
        for piece in pieces {
            checksum = UInt(adler32_combine(checksum, piece.checksum, piece.length))
        }
        // The header of RFC 1950: deflate, window of 32 KiB, fastest.
        append("IDAT", [[0x78, 0x01]] + pieces.map(\.compressed) + [number(Int(checksum))], to: &file)
        append("IEND", [], to: &file)
        return file
    }

    private static func append(_ type: String, _ parts: [[UInt8]], to file: inout [UInt8]) {
        file += number(parts.reduce(0) { $0 + $1.count })
        let start = file.count
        file += Array(type.utf8)
        for part in parts { file += part }
        let checksum = file.withUnsafeBufferPointer { bytes in
            crc32(0, bytes.baseAddress.map { $0 + start }, UInt32(bytes.count - start))
        }
        file += number(Int(checksum))
    }

    /// Four bytes, the highest first.
    private static func number(_ value: Int) -> [UInt8] {
        let value = UInt32(truncatingIfNeeded: value)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value &>> $0) }
    }
}

/// Some rows of a painting, compressed.
struct PaintedBand: Sendable {
    let compressed: [UInt8]
    /// Adler-32 of what was compressed.
    let checksum: UInt
    /// Bytes before compression.
    let length: Int
}
