import Foundation
import Media
import Testing

@Suite struct `A still` {
    let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// What is stored: red above left, green above right, blue below left, white below right.
    private static let quarters: [Colour] = [0xE02020, 0x20C020, 0x2020E0, 0xF0F0F0].map { Colour($0) }
    private static let (width, height) = (160, 96)

    /// For each value of the tag, which of the stored quarters is seen above left, above right, below left and below right, as
    /// CIPA DC-008 words it: 6 says that the stored picture's first row is seen on the right, and its first column above.
    private static let seen: [Int: [Int]] = [
        1: [0, 1, 2, 3], 2: [1, 0, 3, 2], 3: [3, 2, 1, 0], 4: [2, 3, 0, 1], 5: [0, 2, 1, 3], 6: [2, 0, 3, 1],
        7: [3, 1, 2, 0], 8: [1, 3, 0, 2],
    ]

    private func picture(_ name: String, _ arguments: [String]) throws -> Data {
        let raw = try workshop.picture("quarters.ppm", width: Self.width, height: Self.height) { x, y in
            Self.quarters[(y * 2 / Self.height) * 2 + x * 2 / Self.width]
        }
        try workshop.make(name, ["-i", raw] + arguments)
        return try Data(contentsOf: URL(filePath: workshop.path(name)))
    }

    private func jpeg(_ format: String) throws -> Data {
        try picture("stored.jpg", ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", format])
    }

    /// A JPEG with `exif` behind its first marker.
    private func write(_ jpeg: Data, exif: [UInt8], to name: String) throws -> String {
        let length = exif.count + 8
        let segment = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + Array("Exif\0\0".utf8) + exif
        try (jpeg.prefix(2) + Data(segment) + jpeg.dropFirst(2)).write(to: URL(filePath: workshop.path(name)))
        return workshop.path(name)
    }

    /// A TIFF header and one directory with one entry.
    private func exif(_ tag: Int, isLittle: Bool) -> [UInt8] {
        func two(_ value: Int) -> [UInt8] {
            let bytes = [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
            return isLittle ? bytes.reversed() : bytes
        }
        func four(_ value: Int) -> [UInt8] { isLittle ? two(value) + two(0) : two(0) + two(value) }
        return Array((isLittle ? "II" : "MM").utf8) + two(42) + four(8) + two(1) + two(0x112) + two(3) + four(1)
            + two(tag) + two(0) + four(0)
    }

    /// Renders it, as wide or as high as it is to be seen, and looks at its quarters.
    private func expect(_ file: String, seen order: [Int], isTransposed: Bool) async throws {
        let (width, height) = isTransposed ? (Self.height, Self.width) : (Self.width, Self.height)
        let probe = try #require(try await MediaProbe.probe(file, depth: .headers).video)
        #expect((probe.shownWidth, probe.shownHeight) == (width, height))
        let size = try #require(FrameSize(width: width, height: height))
        let shot = Shot(.still(file: file, motion: Motion(from: .whole, to: .whole)), frames: 0..<2)
        let picture = try #require(try await workshop.render([shot], size: size).first)
        for (place, quarter) in order.enumerated() {
            let found = picture[width * (place % 2 * 2 + 1) / 4, height * (place / 2 * 2 + 1) / 4]
            #expect(found.isNear(Self.quarters[quarter], within: 8), "\(found) at \(place)")
        }
    }

    @Test(arguments: 1...8, ["yuvj420p", "yuvj422p", "yuvj444p"])
    func `is upright, however the camera was held`(tag: Int, format: String) async throws {
        let file = try write(jpeg(format), exif: exif(tag, isLittle: tag.isMultiple(of: 2)), to: "turned.jpg")
        try await expect(file, seen: try #require(Self.seen[tag]), isTransposed: tag >= 5)
    }

    @Test(arguments: [1, 3, 6, 8])
    func `is upright in WebP as well`(tag: Int) async throws {
        let plain = try picture("stored.webp", ["-c:v", "libwebp", "-quality", "100", "-pix_fmt", "yuv420p"])
        func four(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
        func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
            Array(name.utf8) + four(bytes.count) + bytes + (bytes.count.isMultiple(of: 2) ? [] : [0])
        }
        // The extended form announces metadata and says the size once more.
        let head = chunk("VP8X", four(8) + four(Self.width - 1).prefix(3) + four(Self.height - 1).prefix(3))
        let body = Array("WEBP".utf8) + head + plain.dropFirst(12) + chunk("EXIF", exif(tag, isLittle: true))
        let file = workshop.path("turned.webp")
        try Data(Array("RIFF".utf8) + four(body.count) + body).write(to: URL(filePath: file))
        try await expect(file, seen: try #require(Self.seen[tag]), isTransposed: tag >= 5)
    }

    /// Values that there are not, a directory behind the end or within itself, more entries or more values than there are.
    @Test func `whose EXIF makes no sense is shown as it is stored`() async throws {
        let good = exif(6, isLittle: true)
        func changed(_ place: Int, _ bytes: [UInt8]) -> [UInt8] {
            Array(good.prefix(place)) + bytes + good.dropFirst(place + bytes.count)
        }
        // In these the entry can be found all the same.
        let readable = [changed(8, [0xFF, 0xFF]), changed(12, [9])]
        let wrong: [[UInt8]] =
            readable + [
                [], Array(good.prefix(9)), Array(good.prefix(20)), changed(0, [0, 0]),
                changed(4, [0xFF, 0xFF, 0xFF, 0xFF]), changed(4, [0, 0, 0, 0]),
                changed(14, [0xFF, 0xFF, 0xFF, 0xFF]), exif(0, isLittle: true), exif(9, isLittle: false),
                exif(0xFFFF, isLittle: true),
            ]
        let stored = try jpeg("yuvj420p")
        for (number, bytes) in wrong.enumerated() {
            let file = try write(stored, exif: bytes, to: "wrong-\(number).jpg")
            let video = try #require(try await MediaProbe.probe(file, depth: .headers).video, "\(number)")
            #expect(video.width == Self.width, "\(number)")
            if !readable.contains(bytes) { #expect(video.shownWidth == Self.width, "\(number)") }
        }
        let file = try write(stored, exif: exif(9, isLittle: true), to: "nine.jpg")
        try await expect(file, seen: [0, 1, 2, 3], isTransposed: false)
    }
}
