/// A video's still advertisement: a picture with a few big words.
public struct Thumbnail: Sendable, Hashable, Codable {
    /// A still that FFmpeg decodes.
    public var picture: String
    /// A few words; set in letters of at least 90 pixels, shortened with an ellipsis when they don't fit.
    public var title: String
    public var palette: RenderPlan.Palette
    public var fontFamily: String

    public init(picture: String, title: String, palette: RenderPlan.Palette = .calm, fontFamily: String = "Inter") {
        (self.picture, self.title, self.palette, self.fontFamily) = (picture, title, palette, fontFamily)
    }

    /// Writes a JPEG of 1280 × 720 and at most 2,000,000 bytes, whole or not at all. Returns its size in bytes.
    @discardableResult
    public func write(to path: String) async throws(MediaError) -> Int64 {
        throw MediaError(.unsupported, "write thumbnail", reason: "not built")
    }
}
