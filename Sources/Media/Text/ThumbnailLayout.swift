import CFFmpeg

/// Where a thumbnail's words stand, what lies behind them, and what is shown of the picture.
struct ThumbnailLayout {
    private struct Line {
        let text: String
        let colour: Colour
        /// Of its middle.
        let y: Double
        /// A strip of colour behind it.
        let strip: (area: Area, colour: Colour)?
    }

    private let size: FrameSize
    private let variant: Thumbnail.Variant
    private let palette: Cut.Palette
    private let typeface: String
    /// Pixels of a design whose shorter side is 720.
    private let unit: Double
    private let fontSize: Double
    private let lines: [Line]
    private let bar: Area?
    /// Of the lines: their left, right or middle.
    private let x: Double
    private let alignment: Int
    private let isMirrored: Bool

    /// Contrast of large text against what lies behind it: WCAG 2.1, 1.4.3, asks for 3 where letters are this large; thumbnails
    /// are seen small, so it is the 4.5 of small text.
    static let leastContrast = 4.5

    var isEmpty: Bool { lines.isEmpty }

    init(_ thumbnail: Thumbnail, renderer: AssRenderer) throws(MediaError) {
        (size, variant, typeface) = (thumbnail.shape.size, thumbnail.variant, thumbnail.fontFamily)
        palette = thumbnail.palette.legible
        let isVertical = thumbnail.shape == .vertical
        let (width, height) = (Double(size.width), Double(size.height))
        let unit = min(width, height) / 720
        self.unit = unit
        let words = Headline.words(of: thumbnail.title)
        let isMirrored = TextDirection(of: words) == .rightToLeft
        self.isMirrored = isMirrored
        let fitter = TextFitter(size, typeface: typeface, renderer: renderer)
        func fit(_ sizes: [Double], room: Double, lines: Int) throws(MediaError) -> TextFitter.Fitted {
            try fitter.fit(words, sizes: sizes.map { $0 * unit }, weight: 900, room: room, lines: lines)
        }
        // A player puts the video's length into the lower right corner, YouTube's app its buttons along a Short's right edge.
        let side = (isVertical ? 0.09 : 0.047) * width
        switch variant {
        case .block:
            let fitted = try fit(
                [168, 150, 134, 120, 108, 96], room: isVertical ? width - 2 * side : width * 0.5, lines: 4)
            let pitch = fitted.size * 0.9
            let tall = pitch * Double(fitted.lines.count)
            let middle = isVertical ? max(height * 0.28, height * 0.14 + tall / 2) : height * 0.52
            let top = middle - tall / 2
            (x, alignment, fontSize) = (isMirrored ? width - side : side, isMirrored ? 6 : 4, fitted.size)
            let last = fitted.lines.count - 1
            let colours = palette
            lines = fitted.lines.enumerated().map { index, text in
                Line(
                    text: text, colour: index == last && last > 0 ? colours.accent : colours.text,
                    y: top + pitch * (Double(index) + 0.5), strip: nil)
            }
            let barWidth = 96 * unit
            bar = Area(
                left: isMirrored ? width - side - barWidth : side, top: top - 36 * unit, width: barWidth,
                height: 14 * unit)
        case .band:
            let fitted = try fit(
                isVertical ? [132, 118, 104, 92, 84] : [132, 118, 104, 94], room: width - 2 * side - 48 * unit,
                lines: isVertical ? 4 : 2)
            let (high, gap) = (fitted.size * 1.02, 10 * unit)
            let bottom = height * (isVertical ? 0.77 : 0.9)
            let (edge, margin) = (side + 24 * unit, 24 * unit)
            (x, alignment, fontSize) = (isMirrored ? width - edge : edge, isMirrored ? 6 : 4, fitted.size)
            let ink = palette.ink(on: palette.accent)
            let accent = palette.accent
            lines = fitted.lines.enumerated().map { index, text in
                let top = bottom - (high + gap) * Double(fitted.lines.count - index) + gap
                let wide = fitted.widths[index] + 2 * margin
                return Line(
                    text: text, colour: ink, y: top + high / 2,
                    strip: (
                        Area(left: isMirrored ? width - side - wide : side, top: top, width: wide, height: high), accent
                    ))
            }
            bar = nil
        case .centre:
            let fitted = try fit(
                isVertical ? [176, 156, 138, 122, 108, 96] : [208, 184, 164, 144, 126, 110, 96],
                room: width - 2.4 * side, lines: isVertical ? 4 : 3)
            let pitch = fitted.size * 0.9
            let tall = pitch * Double(fitted.lines.count)
            let top = height * (isVertical ? 0.44 : 0.49) - tall / 2
            (x, alignment, fontSize) = (width / 2, 5, fitted.size)
            // The widest line is the one that says most.
            let strongest =
                fitted.lines.count > 1 ? fitted.widths.indices.max { fitted.widths[$0] < fitted.widths[$1] } : nil
            let colours = palette
            lines = fitted.lines.enumerated().map { index, text in
                Line(
                    text: text, colour: index == strongest ? colours.accent : colours.text,
                    y: top + pitch * (Double(index) + 0.5), strip: nil)
            }
            let barWidth = 150 * unit
            bar = Area(left: (width - barWidth) / 2, top: top + tall + 26 * unit, width: barWidth, height: 12 * unit)
        }
    }

    /// What is shown of a picture of so many widths to its height.
    func window(ofPicture shape: Double) -> Box {
        let wanted = Double(size.width) / Double(size.height)
        let (width, height) = shape > wanted ? (wanted / shape, 1) : (1, shape / wanted)
        let zoom =
            switch variant {
            case .block: 1.22
            case .band: 1.0
            case .centre: 1.4
            }
        let (shownWidth, shownHeight) = (width / zoom, height / zoom)
        // Beside or below a block of words its middle is to be seen.
        let (x, y) =
            variant != .block
            ? (0.5, 0.5)
            : size.isVertical ? (0.5, 0.62) : (isMirrored ? 0.36 : 0.64, 0.5)
        func begin(_ length: Double, at place: Double) -> Double { min(max(0.5 - place * length, 0), 1 - length) }
        return Box(
            left: begin(shownWidth, at: x), top: begin(shownHeight, at: y), width: shownWidth, height: shownHeight)
    }

    func draw(on frame: Frame, with renderer: AssRenderer) throws(MediaError) {
        let canvas = TextCanvas(size) { $0.bt601 }
        func lay(_ script: AssScript) throws(MediaError) {
            try canvas.draw(script.text, with: renderer)
            canvas.lay(over: frame)
        }
        try lay(backdrop)
        if variant != .band {
            let places = TextCanvas(size) { $0.bt601 }
            try places.draw(words(isPlain: true).text, with: renderer)
            let colours = Set(lines.map(\.colour))
            // Each step takes a quarter of what is too bright; from white to legible it takes five.
            for _ in 0..<12 where Contrast.least(of: colours, over: frame, under: places) < Self.leastContrast {
                try lay(veil)
            }
        }
        try lay(words(isPlain: false))
    }

    /// What the design dims.
    private var backdrop: AssScript {
        var script = AssScript(size, typeface: typeface)
        let (width, height) = (Double(size.width), Double(size.height))
        let colour = "\\1c\(AssText.override(palette.background))"
        let beyond = 300 * unit
        switch variant {
        case .block where size.isVertical:
            script.addBox(
                Area(left: -beyond, top: -beyond, width: width + 2 * beyond, height: height * 0.42 + beyond), layer: 0,
                tags: "\(colour)\\1a&H18&\\blur\(AssText.number(60 * unit))")
        case .block:
            let wide = width * 0.5 + beyond
            script.addBox(
                Area(left: isMirrored ? width * 0.5 : -beyond, top: -beyond, width: wide, height: height + 2 * beyond),
                layer: 0, tags: "\(colour)\\1a&H10&\\blur\(AssText.number(70 * unit))")
        case .band:
            script.addBox(
                Area(left: -beyond, top: height * 0.8, width: width + 2 * beyond, height: height * 0.2 + beyond),
                layer: 0, tags: "\(colour)\\1a&H60&\\blur\(AssText.number(70 * unit))")
        case .centre:
            script.addBox(Area(left: 0, top: 0, width: width, height: height), layer: 0, tags: "\(colour)\\1a&H80&")
        }
        return script
    }

    /// A soft shade behind the words.
    private var veil: AssScript {
        var script = AssScript(size, typeface: typeface)
        let (width, height) = (Double(size.width), Double(size.height))
        let dark = palette.background.mixed(with: Colour(palette.isDark ? 0 : 0xFFFFFF), share: 0.4)
        let tags = "\\1c\(AssText.override(dark))\\1a&HC0&"
        let top = (lines.first?.y ?? 0) - fontSize
        let bottom = (lines.last?.y ?? 0) + fontSize
        let blur = "\\blur\(AssText.number(40 * unit))"
        switch variant {
        case .block where !size.isVertical:
            let wide = width * 0.6
            script.addBox(
                Area(left: isMirrored ? width - wide : -100, top: -100, width: wide + 100, height: height + 200),
                layer: 0,
                tags: tags + blur)
        default:
            script.addBox(
                Area(left: -100, top: top, width: width + 200, height: bottom - top), layer: 0, tags: tags + blur)
        }
        return script
    }

    /// - Parameter isPlain: only the letters, to see what lies behind them.
    private func words(isPlain: Bool) -> AssScript {
        var script = AssScript(size, typeface: typeface)
        let edge = palette.background.mixed(with: Colour(palette.isDark ? 0 : 0xFFFFFF), share: 0.5)
        let outline = variant == .band ? 0 : variant == .centre ? 6 * unit : 3 * unit
        let look =
            isPlain
            ? "\\bord0\\shad0"
            : "\\bord\(AssText.number(outline))\\3c\(AssText.override(edge))\\4c\(AssText.override(edge))\\4a&H70&"
                + "\\yshad\(AssText.number(variant == .band ? 0 : 5 * unit))"
        if let bar, !isPlain { script.addBox(bar, layer: 0, tags: "\\1c\(AssText.override(palette.accent))") }
        for line in lines {
            if let strip = line.strip, !isPlain {
                script.addBox(strip.area, radius: 10 * unit, layer: 0, tags: "\\1c\(AssText.override(strip.colour))")
            }
            script.add(
                "{\\an\(alignment)\\pos(\(AssText.number(x)),\(AssText.number(line.y)))\\fs\(AssText.number(fontSize))"
                    + "\\b900\\1c\(AssText.override(line.colour))\(look)}\(line.text)", layer: 1)
        }
        return script
    }
}

extension Cut.Palette {
    /// Whether text on it is to be light.
    fileprivate var isDark: Bool { background.luminance < 0.18 }

    /// With a text and an accent that can be read on the background.
    fileprivate var legible: Cut.Palette {
        var palette = self
        func isFine(_ colour: Colour) -> Bool { colour.contrast(with: background) >= ThumbnailLayout.leastContrast + 1 }
        if !isFine(text) { palette.text = Colour(isDark ? 0xFFFFFF : 0x000000) }
        if !isFine(accent) { palette.accent = accent.mixed(with: palette.text, share: 0.6) }
        if !isFine(palette.accent) { palette.accent = palette.text }
        return palette
    }

    /// The one of these colours, black and white that is read best on `colour`.
    fileprivate func ink(on colour: Colour) -> Colour {
        let own = [background, text].max { $0.contrast(with: colour) < $1.contrast(with: colour) } ?? text
        if own.contrast(with: colour) >= ThumbnailLayout.leastContrast { return own }
        let (black, white) = (Colour(0), Colour(0xFFFFFF))
        return black.contrast(with: colour) > white.contrast(with: colour) ? black : white
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
