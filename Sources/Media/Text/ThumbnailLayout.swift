import CFFmpeg
import CSampling

/// Where a thumbnail's words stand.
struct ThumbnailLayout {
    let lines: [String]
    private let size: FrameSize
    private let fontSize: Double
    private let left = 64.0
    private let barWidth = 14.0
    private let gap = 34.0
    /// Players put the video's length into the lower right corner.
    private let lowerMargin = 84.0

    init(title: String, size: FrameSize) {
        self.size = size
        let room = Double(size.width) - 2 * left - barWidth - gap
        // Sizes of lines: letters (ems) are 0.82 of them, at least 92 pixels.
        var choice: (lines: [String], size: Double) = ([], 112)
        for (candidate, most) in [(176.0, 2), (152, 3), (132, 3), (112, 4)] {
            choice = (TextWidth.wrap(title, width: room / (candidate * 0.84), lines: most), candidate)
            // A single word that had to be cut is set smaller, as long as that helps.
            let whole = title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if choice.lines.joined(separator: " ") == whole { break }
        }
        (lines, fontSize) = choice
    }

    private var blockHeight: Double { fontSize * Double(lines.count) }
    private var top: Double { Double(size.height) - lowerMargin - blockHeight }

    /// Dims the picture from above the first line downwards.
    func shade(_ frame: Frame, with background: Colour) {
        let values = background.bt601
        let begin = max(0, top - 150)
        let shares = (0..<size.height).map { line -> UInt16 in
            let share = min(max((Double(line) - begin) / (top + 20 - begin), 0), 1)
            return UInt16(256 * (0.14 + 0.58 * share * share * (3 - 2 * share)))
        }
        for (index, value) in [values.luma, values.blue, values.red].enumerated() {
            guard let plane = frame.plane(index) else { continue }
            yt_shade(plane.samples, plane.stride, Int32(size.width), Int32(size.height), value, shares)
        }
    }

    func script(palette: Cut.Palette, fontFamily: String) -> String {
        let edge = palette.background.mixed(with: Colour(0), share: 0.5)
        let textLeft = Int(left + barWidth + gap)
        let bar =
            "{\\pos(\(Int(left)),\(Int(top + fontSize * 0.1)))\\bord0\\1c\(AssText.override(palette.accent))\\p1}"
            + "m 0 0 l \(Int(barWidth)) 0 \(Int(barWidth)) \(Int(blockHeight - fontSize * 0.15)) "
            + "0 \(Int(blockHeight - fontSize * 0.15)){\\p0}"
        return """
            [Script Info]
            ScriptType: v4.00+
            PlayResX: \(size.width)
            PlayResY: \(size.height)
            WrapStyle: 2
            ScaledBorderAndShadow: yes
            YCbCr Matrix: None

            [V4+ Styles]
            Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
            Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
            MarginR, MarginV, Encoding
            Style: Title,\(AssText.fontName(fontFamily)),\(fontSize),\(AssText.colour(palette.text)),&H00000000,\
            \(AssText.colour(edge)),&H00000000,1,0,0,0,100,100,-1,0,1,5,0,7,0,0,0,-1

            [Events]
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
            Dialogue: 0,0:00:00.00,0:01:00.00,Title,,0,0,0,,\(bar)
            Dialogue: 1,0:00:00.00,0:01:00.00,Title,,0,0,0,,{\\pos(\(textLeft),\(Int(top)))\\b800}\
            \(lines.map { AssText.escape($0) }.joined(separator: "\\N"))

            """
    }
}

extension Colour {
    /// Y', Cb, Cr in limited range by BT.601.
    var bt601: (luma: Int32, blue: Int32, red: Int32) {
        let (r, g, b) = (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
        let luma = 0.299 * r + 0.587 * g + 0.114 * b
        return (
            Int32((16 + 219 * luma).rounded()), Int32((128 + 224 * (b - luma) / 1.772).rounded()),
            Int32((128 + 224 * (r - luma) / 1.402).rounded())
        )
    }
}
