/// What is written over the pictures, as a script for libass: title card, scene labels, captions.
struct OverlayScript {
    private struct Style {
        let name: String
        let size: Double
        let outline: Double
        /// As on a telephone's keypad: 7 is the upper left, 2 the lower middle.
        let alignment: Int
        let margin: Double
        let isBoxed: Bool
    }

    private let cut: Cut
    /// As the filter has to be told, see ``TextOverlay/palette(for:)``.
    private let palette: Cut.Palette
    /// Pixels of a design whose shorter side is 1080.
    private let unit: Double
    private var events: [String] = []

    init(_ cut: Cut, palette: Cut.Palette) {
        (self.cut, self.palette) = (cut, palette)
        unit = Double(min(cut.size.width, cut.size.height)) / 1080
        for title in cut.titles {
            switch title.kind {
            case .card: addCard(title)
            case .label, .lowerThird: addLabel(title)
            }
        }
        addCaptions()
    }

    private var width: Double { Double(cut.size.width) }
    private var height: Double { Double(cut.size.height) }
    private var sideMargin: Double { width * Captions.sideMargin }
    /// Captions keep clear of the lower fifth of a vertical video, where players put their buttons.
    private var lowerMargin: Double { height * (cut.size.isVertical ? 0.22 : 0.075) }
    /// libass sizes a font by its line, about 1.21 ems: letters (their em) are 4.5 to 5.5 percent of the height.
    private var captionSize: Double { Captions.letterSize(in: cut.size) }

    var text: String {
        let text = AssText.colour(palette.text)
        let edge = AssText.colour(palette.background.mixed(with: Colour(0), share: 0.5))
        let box = AssText.colour(palette.background, alpha: 0x50)
        let styles = [
            Style(name: "Title", size: 100 * unit, outline: 2 * unit, alignment: 4, margin: 0, isBoxed: false),
            Style(name: "Label", size: 44 * unit, outline: 14 * unit, alignment: 7, margin: 0, isBoxed: true),
            Style(name: "Shape", size: 20, outline: 0, alignment: 7, margin: 0, isBoxed: false),
            Style(
                name: "Caption", size: captionSize, outline: captionSize * 0.055, alignment: 2, margin: lowerMargin,
                isBoxed: false),
        ].map { style in
            "Style: \(style.name),\(AssText.fontName(cut.typeface)),\(rounded(style.size)),\(text),\(text),"
                + "\(style.isBoxed ? box : edge),\(box),0,0,0,0,100,100,0,0,\(style.isBoxed ? 3 : 1),"
                + "\(rounded(style.outline)),0,\(style.alignment),\(Int(sideMargin)),\(Int(sideMargin)),"
                + "\(Int(style.margin)),-1"
        }
        return """
            [Script Info]
            ScriptType: v4.00+
            PlayResX: \(cut.size.width)
            PlayResY: \(cut.size.height)
            WrapStyle: 0
            ScaledBorderAndShadow: yes
            YCbCr Matrix: None

            [V4+ Styles]
            Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
            Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
            MarginR, MarginV, Encoding
            \(styles.joined(separator: "\n"))

            [Events]
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
            \(events.joined(separator: "\n"))

            """
    }

    /// `text` is already in libass' language.
    private mutating func add(_ style: String, layer: Int, from start: Double, to end: Double, _ text: String) {
        guard end - start > 0.02 else { return }
        events.append(
            "Dialogue: \(layer),\(AssText.time(start)),\(AssText.time(end)),\(style),,0,0,0,,\(text)")
    }

    private func rounded(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    /// A filled rectangle.
    private func rectangle(x: Double, y: Double, width: Double, height: Double, _ colour: Colour, _ tags: String)
        -> String
    {
        let (right, bottom) = (Int(width.rounded()), Int(height.rounded()))
        return "{\\an7\\pos(\(Int(x)),\(Int(y)))\\bord0\\shad0\\1c\(AssText.override(colour))\(tags)\\p1}"
            + "m 0 0 l \(right) 0 l \(right) \(bottom) l 0 \(bottom){\\p0}"
    }

    private func seconds(_ frame: Int) -> Double { Double(frame) / Double(cut.frameRate) }

    private mutating func addCard(_ title: Title) {
        guard !title.text.allSatisfy(\.isWhitespace) else { return }
        let (start, end) = (seconds(title.frames.lowerBound), seconds(title.frames.upperBound))
        let barWidth = max(2, 10 * unit)
        let gap = 38 * unit
        let room = width - 2 * sideMargin - barWidth - gap
        // The largest of these sizes that needs no more than a calm number of lines.
        let most = cut.size.isVertical ? 4 : 3
        var size = 60 * unit
        var lines: [String] = []
        for candidate in [112.0, 100, 88, 76, 66] {
            size = candidate * unit
            lines = TextWidth.wrap(title.text, width: room / (size * 0.84), lines: most + 1)
            if lines.count <= most { break }
        }
        lines = TextWidth.wrap(title.text, width: room / (size * 0.84), lines: most)
        let creditSize = 42 * unit
        let hasCredit = !title.detail.allSatisfy(\.isWhitespace)
        let titleHeight = size * Double(lines.count)
        let block = titleHeight + (hasCredit ? creditSize * 1.7 : 0)
        let top = (height * (cut.size.isVertical ? 0.38 : 0.46) - block / 2).rounded()
        let (left, textLeft) = (sideMargin, sideMargin + barWidth + gap)
        let fade = "\\fad(180,380)"
        add(
            "Shape", layer: 2, from: start, to: end,
            rectangle(x: left, y: top, width: barWidth, height: block, palette.accent, fade))
        let text = lines.map(AssText.escape).joined(separator: "\\N")
        add(
            "Title", layer: 2, from: start, to: end,
            "{\\an7\\pos(\(Int(textLeft)),\(Int(top)))\\q2\\fs\(rounded(size))\\b800\(fade)}\(text)")
        guard hasCredit else { return }
        let credit = TextWidth.wrap(title.detail, width: room / (creditSize * 0.84), lines: 1).first ?? ""
        let quiet = palette.text.mixed(with: palette.background, share: 0.2)
        add(
            "Title", layer: 2, from: start, to: end,
            "{\\an1\\pos(\(Int(textLeft)),\(Int(top + block)))\\q2\\fs\(rounded(creditSize))\\b500"
                + "\\1c\(AssText.override(quiet))\(fade)}\(AssText.escape(credit))")
    }

    /// A label in the upper left.
    private mutating func addLabel(_ title: Title) {
        guard !title.text.allSatisfy(\.isWhitespace) else { return }
        let (start, end) = (seconds(title.frames.lowerBound), seconds(title.frames.upperBound))
        let (size, padding) = (44 * unit, 14 * unit)
        let bar = max(2, 6 * unit)
        let room = width - 2 * sideMargin - bar - 2 * padding
        let lines = TextWidth.wrap(title.text, width: room / (size * 0.84), lines: 2)
        let (left, top) = (sideMargin, height * (cut.size.isVertical ? 0.09 : 0.07))
        let tall = size * Double(lines.count) + 2 * padding
        let fade = "\\fad(350,350)"
        add(
            "Shape", layer: 1, from: start, to: end,
            rectangle(x: left, y: top, width: bar, height: tall, palette.accent, fade))
        add(
            "Label", layer: 0, from: start, to: end,
            "{\\an7\\pos(\(Int(left + bar + padding)),\(Int(top + padding)))\\q2\\b600\(fade)}"
                + lines.map(AssText.escape).joined(separator: "\\N"))
    }

    /// The spoken word is lit while it is spoken, and a little softly.
    private mutating func addCaptions() {
        let (plain, lit) = (AssText.override(palette.text), AssText.override(palette.accent))
        for page in cut.captions.pages {
            let (start, end) = (page.start, min(page.end, cut.duration))
            let words = page.lines.flatMap { $0 }
            // Lines are counted in characters; one of only wide letters is set smaller.
            let widest = page.text.map { TextWidth.ems($0) }.max() ?? 0
            let size = min(captionSize, (width - 2 * sideMargin) / (widest * 0.84))
            var text = "{\\fs\(rounded(size))\\b650\\blur\(rounded(0.8 * unit))}"
            var index = 0
            for (number, line) in page.lines.enumerated() {
                if number > 0 { text += "\\N" }
                for (position, word) in line.enumerated() {
                    if position > 0 { text += " " }
                    let on = Int(((word.start - page.start) * 1000).rounded())
                    let next = index + 1 < words.count ? words[index + 1].start : word.end
                    let off = max(
                        on + 1, Int(((max(word.end, min(next, word.end + 0.4)) - page.start) * 1000).rounded()))
                    let rise = min(60, off - on)
                    text += "{\\1c\(plain)\\t(\(on),\(on + rise),\\1c\(lit))\\t(\(off),\(off + 90),\\1c\(plain))}"
                    text += AssText.escape(word.text)
                    index += 1
                }
            }
            add("Caption", layer: 3, from: start, to: end, text)
        }
    }
}

extension Cut {
    /// What is written over the pictures, as a script for libass whose colours are as FFmpeg's `ass` filter has to be told.
    /// For whoever wants to draw the same with other tools, as the benchmarks do.
    package var overlayScript: String { OverlayScript(self, palette: TextOverlay.palette(for: palette)).text }
}
