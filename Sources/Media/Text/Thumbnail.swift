import CFFmpeg
import Foundation

/// A video's still advertisement: a picture with a few big words.
public struct Thumbnail: Sendable, Hashable, Codable {
    /// A still that FFmpeg decodes.
    public var picture: String
    /// A few words; set in letters of at least 90 pixels, shortened with an ellipsis when they don't fit.
    public var title: String
    public var palette: Cut.Palette
    public var fontFamily: String

    /// YouTube's limit was 2 MB for years; the larger one of 2026 helps nobody who looks at 1280 × 720.
    public static let greatestSize = 2_000_000

    public init(picture: String, title: String, palette: Cut.Palette = .calm, fontFamily: String = "Inter") {
        (self.picture, self.title, self.palette, self.fontFamily) = (picture, title, palette, fontFamily)
    }

    /// Writes a JPEG of 1280 × 720 and at most ``greatestSize`` bytes, whole or not at all. Returns its size in bytes.
    @discardableResult
    public func write(to path: String) async throws(MediaError) -> Int64 {
        try await blockingWork("thumbnail") { (flag: CancellationFlag) throws(MediaError) in
            let bytes = try draw(flag: flag)
            return try wholeFile(path) { (part: String) throws(MediaError) in
                do {
                    try bytes.write(to: URL(filePath: part))
                } catch {
                    throw MediaError(.unwritable, "write thumbnail", file: path, reason: "\(error)")
                }
                return Int64(bytes.count)
            }
        }
    }

    private func draw(flag: CancellationFlag) throws(MediaError) -> Data {
        guard let size = FrameSize(width: 1280, height: 720) else { return Data() }
        let still = try StillFile.decode(picture, flag: flag)
        try StillFile.crop(still, toShape: Double(size.width), Double(size.height))
        let frame = try Scaler.scale(still, width: size.width, height: size.height, to: .drawing)
        let layout = ThumbnailLayout(title: title, size: size)
        if !layout.lines.isEmpty {
            layout.shade(frame, with: palette.background)
            let canvas = TextCanvas(size) { $0.bt601 }
            try canvas.draw(
                layout.script(palette: palette, fontFamily: fontFamily), with: try AssRenderer(size))
            canvas.lay(over: frame)
        }
        try flag.check("draw thumbnail")
        let picture = try Scaler.scale(frame, width: size.width, height: size.height, to: .jpeg)
        picture.time = 0
        // FFmpeg's scale of JPEG quality: 2 is the best, and nearly always small enough.
        for quality in [2, 3, 5, 8, 12, 20, 31] {
            let bytes = try Self.encode(picture, quality: Int32(quality))
            if bytes.count <= Self.greatestSize { return bytes }
        }
        throw MediaError(.failed, "encode thumbnail", file: self.picture, reason: "it does not get small enough")
    }

    private static func encode(_ picture: Frame, quality: Int32) throws(MediaError) -> Data {
        let encoder = try Encoder("mjpeg") { context in
            context.width = Int32(picture.width)
            context.height = Int32(picture.height)
            context.pix_fmt = picture.pixelFormat
            context.color_range = AVCOL_RANGE_JPEG
            context.colorspace = AVCOL_SPC_SMPTE170M
            context.time_base = AVRational(num: 1, den: 1)
            context.flags |= AV_CODEC_FLAG_QSCALE
            context.global_quality = quality * FF_QP2LAMBDA
        }
        picture.pointer.pointee.quality = quality * FF_QP2LAMBDA
        let packet = try Packet()
        try encoder.send(picture)
        try encoder.send(nil)
        guard try encoder.receive(into: packet), let data = packet.pointer.pointee.data else {
            throw MediaError(.failed, "encode thumbnail", reason: "no picture came out of the encoder")
        }
        return Data(bytes: data, count: Int(packet.pointer.pointee.size))
    }
}
