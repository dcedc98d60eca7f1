/// A width and height in pixels, both even, as H.264 with 4:2:0 chroma requires.
public struct FrameSize: Sendable, Hashable, Codable {
    public let width: Int
    public let height: Int

    /// Nil unless both are even and between 16 and 8192.
    public init?(width: Int, height: Int) {
        guard (16...8192).contains(width), (16...8192).contains(height),
            width.isMultiple(of: 2), height.isMultiple(of: 2)
        else { return nil }
        self.init(uncheckedWidth: width, height: height)
    }

    private init(uncheckedWidth width: Int, height: Int) {
        (self.width, self.height) = (width, height)
    }

    /// 1920 × 1080.
    public static let horizontal = FrameSize(uncheckedWidth: 1920, height: 1080)
    /// 1080 × 1920.
    public static let vertical = FrameSize(uncheckedWidth: 1080, height: 1920)

    public var isVertical: Bool { height > width }

    private enum CodingKeys: CodingKey { case width, height }

    public init(from decoder: any Swift.Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let (width, height) = (
            try values.decode(Int.self, forKey: .width), try values.decode(Int.self, forKey: .height)
        )
        guard let size = FrameSize(width: width, height: height) else {
            throw DecodingError.dataCorruptedError(
                forKey: .width, in: values,
                debugDescription: "a frame's sides are even and 16 to 8192 pixels, not \(width)×\(height)")
        }
        self = size
    }
}
