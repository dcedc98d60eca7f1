import CZlib
import Glibc
import Testing

/// A PNG file of ours, read back: every checksum verified, every filter undone.
struct DecodedPNG {
    let width: Int
    let height: Int
    /// Red, green and blue of each pixel, row by row.
    let bytes: [UInt8]

    init(_ file: [UInt8]) throws {
        try #require(file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        var place = 8
        var header: [UInt8] = []
        var data: [UInt8] = []
        var types: [String] = []
        func number(_ at: Int) -> Int { file[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
        while place < file.count {
            let length = number(place)
            let typed = Array(file[(place + 4)..<(place + 8 + length)])
            try #require(Int(crc32(0, typed, UInt32(typed.count))) == number(place + 8 + length))
            types.append(String(decoding: typed.prefix(4), as: UTF8.self))
            if types.last == "IHDR" { header = Array(typed.dropFirst(4)) }
            if types.last == "IDAT" { data += typed.dropFirst(4) }
            place += length + 12
        }
        try #require(types.first == "IHDR" && types.last == "IEND" && place == file.count)
        try #require(Array(header[8...]) == [8, 2, 0, 0, 0])
        width = header[0..<4].reduce(0) { $0 << 8 | Int($1) }
        height = header[4..<8].reduce(0) { $0 << 8 | Int($1) }

        // `uncompress` also verifies the Adler-32 at the end.
        let stride = width * 3 + 1
        var rows = [UInt8](repeating: 0, count: stride * height)
        var size = UInt(rows.count)
        try #require(uncompress(&rows, &size, data, UInt(data.count)) == Z_OK)
        try #require(size == UInt(rows.count))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for row in 0..<height {
            try #require(rows[row * stride] == 1)
            var last: [UInt8] = [0, 0, 0]
            for column in 0..<(width * 3) {
                last[column % 3] &+= rows[row * stride + 1 + column]
                bytes.append(last[column % 3])
            }
        }
        self.bytes = bytes
    }

    /// Relative luminance of each pixel in some rows (WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
    func luminances(rows: Range<Int>) -> [Double] {
        rows.flatMap { row in
            (0..<width).map { column in
                let at = (row * width + column) * 3
                return 0.2126 * Self.linear[Int(bytes[at])] + 0.7152 * Self.linear[Int(bytes[at + 1])]
                    + 0.0722 * Self.linear[Int(bytes[at + 2])]
            }
        }
    }

    private static let linear: [Double] = (0...255).map { value in
        let part = Double(value) / 255
        return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
    }
}
