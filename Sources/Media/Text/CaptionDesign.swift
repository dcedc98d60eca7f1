/// What a caption style means in a frame: sizes, places, how much is shown at a time. All lengths are in pixels of the frame.
struct CaptionDesign {
    let style: CaptionStyle
    let frame: FrameSize
    /// libass sizes a font by its line, about 1.21 ems.
    let fontSize: Double
    /// 100 to 900.
    let weight: Int
    let outline: Double
    /// From the middle of a line to that of the next one.
    let pitch: Double
    /// The widest a line may be.
    let room: Double
    /// Where the last line ends, from the frame's upper edge.
    let bottom: Double
    let mostWords: Int
    /// A page that stands for less is a flicker.
    let leastSeconds: Double
    let custom: CustomCaptionStyle?

    /// A custom style that can't be read looks like ``CaptionStyle/quiet``; a cut doesn't hold one.
    init(_ style: CaptionStyle, in frame: FrameSize) {
        (self.style, self.frame) = (style, frame)
        let (width, height) = (Double(frame.width), Double(frame.height))
        let unit = min(width, height) / 1080
        let safe = SafeArea(of: frame)
        let isVertical = frame.isVertical
        let isWide = width > height * 1.2
        if case .custom(let text) = style { custom = try? CustomCaptionStyle(text) } else { custom = nil }
        (mostWords, leastSeconds) = style == .punch ? (4, 0.4) : (.max, 0.8)
        bottom = height * (1 - safe.bottom - (isVertical && style == .punch ? 0.08 : 0))
        switch style {
        case .custom:
            fontSize = (custom?.fontSize ?? 70) * unit
            (weight, outline, pitch) = (0, 0, fontSize)
            room = min(width - (custom?.margins ?? 0) * unit, width * safe.centredWidth)
        case .quiet:
            fontSize = height * (isVertical ? 0.052 : isWide ? 0.066 : 0.062)
            (weight, outline, pitch) = (650, fontSize * 0.05, fontSize * 1.0)
            room = width * safe.centredWidth
        case .pill:
            fontSize = height * (isVertical ? 0.053 : isWide ? 0.068 : 0.062)
            (weight, outline, pitch) = (750, fontSize * 0.05, fontSize * 1.12)
            room = width * safe.centredWidth - fontSize * 0.3
        case .punch:
            fontSize = height * (isVertical ? 0.083 : isWide ? 0.13 : 0.12)
            (weight, outline, pitch) = (900, fontSize * 0.075, fontSize * 0.92)
            room = width * safe.centredWidth * (isWide ? 0.8 : 1)
        }
    }

    /// Characters that fit into a line. 42 is the subtitling convention.
    var lineLength: Int {
        // Ems of an average letter, by weight.
        let letter = (weight > 800 ? 0.6 : 0.58) * (custom?.stretch ?? 1)
        return min(42, max(8, Int(room / (fontSize * 0.84 * letter))))
    }

    /// The middle of line `index` of `count`.
    func middle(ofLine index: Int, of count: Int) -> Double {
        // Outlines and shadows stand out below.
        bottom - fontSize * 0.56 - pitch * Double(count - 1 - index)
    }
}
