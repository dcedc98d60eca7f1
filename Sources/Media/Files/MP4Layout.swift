import Foundation

/// The order and kind of an MP4 file's boxes (ISO/IEC 14496-12), found by walking them: FFmpeg doesn't tell.
struct MP4Layout {
    private(set) var indexComesFirst = false
    private(set) var hasEditList = false

    /// More than any file has, few enough to be walked in a moment: a hostile one may consist of nothing else.
    private static let mostBoxes = 10_000
    private var boxesLeft = mostBoxes

    /// A file that isn't MP4, or ends early, has neither.
    init(path: String) {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else { return }
        defer { try? file.close() }
        var order: [String] = []
        walk(file, from: 0, to: end, within: nil, order: &order)
        if let index = order.firstIndex(of: "moov"), let data = order.firstIndex(of: "mdat") {
            indexComesFirst = index < data
        }
    }

    /// Where an edit list lies: each of these only within the one before it.
    private static let wayToEdits: [String?: String] = [nil: "moov", "moov": "trak", "trak": "edts"]

    /// Lists boxes, going into those that may hold an edit list.
    private mutating func walk(
        _ file: FileHandle, from start: UInt64, to end: UInt64, within parent: String?, order: inout [String]
    ) {
        var offset = start
        while offset + 8 <= end, boxesLeft > 0 {
            boxesLeft -= 1
            guard (try? file.seek(toOffset: offset)) != nil, let header = try? file.read(upToCount: 16),
                header.count >= 8
            else { return }
            let bytes = [UInt8](header)
            func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
            var (size, headerSize) = (number(0..<4), UInt64(8))
            let name = String(decoding: bytes[4..<8], as: UTF8.self)
            if size == 1, bytes.count == 16 { (size, headerSize) = (number(8..<16), 16) }
            if size == 0 { size = end - offset }
            guard size >= headerSize, size <= end - offset else { return }
            if parent == nil { order.append(name) }
            if parent == "edts", name == "elst" { hasEditList = true }
            if Self.wayToEdits[parent] == name {
                var inner: [String] = []
                walk(file, from: offset + headerSize, to: offset + size, within: name, order: &inner)
            }
            offset += size
        }
    }
}
