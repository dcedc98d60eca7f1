import CFFmpeg
import Foundation

/// A video's still advertisement: a picture with a few big words. The same values make the same file.
public struct Thumbnail: Sendable, Hashable, Codable {
    public enum Shape: String, Sendable, Hashable, Codable, CaseIterable {
        /// 1280 × 720
        case horizontal
        /// 1080 × 1920, for Shorts.
        case vertical

        public var size: FrameSize {
            switch self {
            case .horizontal: FrameSize(width: 1280, height: 720) ?? .horizontal
            case .vertical: .vertical
            }
        }
    }

    /// Designs that are told apart at a glance, so that it can be tried out which is clicked.
    public enum Variant: String, Sendable, Hashable, Codable, CaseIterable {
        /// Words one below the other on a dark side, the picture beside them.
        case block
        /// The whole picture, and the words on strips of the accent colour along its lower edge.
        case band
        /// Very large words in the middle of a closer, darker picture.
        case centre
    }

    /// A still that FFmpeg decodes.
    public var picture: String
    /// The video's: what is written is ``Headline/words(of:)`` of it.
    public var title: String
    public var palette: Cut.Palette
    public var fontFamily: String
    public var shape: Shape
    public var variant: Variant

    /// YouTube's limit was 2 MB for years; the larger one of 2026 helps nobody who looks at 1280 × 720.
    public static let greatestSize = 2_000_000

    public init(
        picture: String, title: String, palette: Cut.Palette = .calm, fontFamily: String = "Inter",
        shape: Shape = .horizontal, variant: Variant = .block
    ) {
        (self.picture, self.title, self.palette, self.fontFamily) = (picture, title, palette, fontFamily)
        (self.shape, self.variant) = (shape, variant)
    }

    /// Writes a JPEG of the shape's size and at most ``greatestSize`` bytes, whole or not at all. Returns its size in bytes.
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
        let size = shape.size
        let still = try StillFile.decode(picture, flag: flag)
        let renderer = try AssRenderer(size)
        let layout = try ThumbnailLayout(self, renderer: renderer)
        _ = try StillFile.crop(still, to: layout.window(ofPicture: Double(still.width) / Double(still.height)))
        let frame = try Scaler.scale(still, width: size.width, height: size.height, to: .drawing)
        if !layout.isEmpty { try layout.draw(on: frame, with: renderer) }
        frame.time = 0
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
