/// A title, laid out: its lines, their sizes and where they stand.
struct TitleBlock {
    private struct Line {
        let text: String
        let size: Double
        let weight: Int
        let colour: Colour
        /// Of the line's middle.
        let y: Double
    }

    private let kind: Title.Kind
    private let palette: Cut.Palette
    private let frameWidth: Double
    private let unit: Double
    /// Where lines begin: their left, or, where they are read from right to left, their right.
    private let edge: Double
    private let lines: [Line]
    private let bar: Area
    /// What is softly dimmed behind the words; a card dims the whole picture by itself.
    private let veil: Area?
    private let isMirrored: Bool

    init(_ title: Title, of cut: Cut, unit: Double, renderer: AssRenderer) throws(MediaError) {
        (kind, palette, self.unit) = (title.kind, cut.palette, unit)
        let (width, height) = (Double(cut.size.width), Double(cut.size.height))
        frameWidth = width
        let safe = SafeArea(of: cut.size)
        isMirrored = TextDirection(of: title.text) == .rightToLeft
        let fitter = TextFitter(cut.size, typeface: cut.typeface, renderer: renderer)
        let quiet = palette.text.mixed(with: palette.background, share: 0.18)
        // Seen as written from left to right; mirrored when written out.
        let (near, far) = isMirrored ? (safe.right, safe.left) : (safe.left, safe.right)
        let left = width * near
        switch title.kind {
        case .card:
            let (barWidth, gap) = (max(2, 10 * unit), 40 * unit)
            let room = width * (1 - near - far) - barWidth - gap
            let most = cut.size.isVertical ? 5 : 3
            let text = try fitter.fit(
                title.text, sizes: [128, 116, 104, 92, 80, 70].map { $0 * unit }, weight: 800, room: room, lines: most)
            let credit = try fitter.fit(title.detail, sizes: [44 * unit], weight: 500, room: room, lines: 1)
            let pitch = text.size * 0.92
            let textHeight = pitch * Double(text.lines.count)
            let block = textHeight + (credit.lines.isEmpty ? 0 : credit.size * 1.5)
            let top = height * (cut.size.isVertical ? 0.4 : 0.47) - block / 2
            var lines = text.lines.enumerated().map {
                Line(
                    text: $1, size: text.size, weight: 800, colour: cut.palette.text,
                    y: top + pitch * (Double($0) + 0.5))
            }
            lines += credit.lines.map {
                Line(text: $0, size: credit.size, weight: 500, colour: quiet, y: top + block - credit.size * 0.5)
            }
            self.lines = lines
            bar = Area(left: left, top: top + text.size * 0.06, width: barWidth, height: block - text.size * 0.1)
            edge = left + barWidth + gap
            veil = nil
        case .label:
            let room = min(width * (1 - near - far), 1100 * unit)
            let text = try fitter.fit(
                title.text, sizes: [44, 40].map { $0 * unit }, weight: 650, room: room, lines: 2)
            let top = height * safe.top
            let barHeight = max(2, 6 * unit)
            let pitch = text.size
            let begin = top + barHeight + 12 * unit
            lines = text.lines.enumerated().map {
                Line(
                    text: $1, size: text.size, weight: 650, colour: cut.palette.text,
                    y: begin + pitch * (Double($0) + 0.5))
            }
            bar = Area(left: left, top: top, width: 52 * unit, height: barHeight)
            edge = left
            veil = Area(
                left: left - 60 * unit, top: top - 50 * unit, width: text.width + 130 * unit,
                height: barHeight + 12 * unit + pitch * Double(text.lines.count) + 100 * unit)
        case .lowerThird:
            let (barWidth, gap) = (max(2, 8 * unit), 24 * unit)
            let room = min(width * (1 - near - far) - barWidth - gap, 1200 * unit)
            let name = try fitter.fit(
                title.text, sizes: [60, 54, 48].map { $0 * unit }, weight: 750, room: room, lines: 1)
            let detail = try fitter.fit(
                title.detail, sizes: [38, 34].map { $0 * unit }, weight: 500, room: room, lines: 1)
            let block = name.size + (detail.lines.isEmpty ? 0 : detail.size * 1.05)
            let design = CaptionDesign(cut.captions.style, in: cut.size)
            let captionTop =
                cut.captions.pages.isEmpty
                ? height * (1 - safe.bottom) : design.middle(ofLine: 0, of: 2) - design.fontSize * 0.6
            let top = captionTop - 44 * unit - block
            var lines = name.lines.map {
                Line(text: $0, size: name.size, weight: 750, colour: cut.palette.text, y: top + name.size * 0.5)
            }
            lines += detail.lines.map {
                Line(text: $0, size: detail.size, weight: 500, colour: quiet, y: top + block - detail.size * 0.5)
            }
            self.lines = lines
            bar = Area(left: left, top: top + name.size * 0.08, width: barWidth, height: block - name.size * 0.12)
            edge = left + barWidth + gap
            veil = Area(
                left: left - 50 * unit, top: top - 40 * unit,
                width: barWidth + gap + max(name.width, detail.width) + 120 * unit, height: block + 80 * unit)
        }
    }

    /// - Parameter share: how far it has come, 0 to 1.
    func write(to script: inout AssScript, share: Double, isLeaving: Bool) {
        let alpha = 255 * (1 - share)
        if let veil {
            let shade = 255 - (255 - 0x58) * share
            script.addBox(
                placed(veil), radius: 60 * unit, layer: 0,
                tags: "\\1c\(AssText.override(palette.background))\\1a\(AssText.alpha(shade))"
                    + "\\blur\(AssText.number(34 * unit))")
        }
        // The bar grows out of its lower or its near end; what leaves only fades.
        var bar = bar
        if !isLeaving {
            if kind == .label {
                bar.width *= share
            } else {
                bar.top += bar.height * (1 - share)
                bar.height *= share
            }
        }
        script.addBox(
            placed(bar), layer: 1,
            tags: "\\1c\(AssText.override(palette.accent))\\1a\(AssText.alpha(isLeaving ? alpha : 0))")
        let way = isLeaving ? 0 : 1 - share
        let (sideways, down) = kind == .lowerThird ? (-26 * unit * way, 0) : (0, 18 * unit * way)
        let dark = palette.background.mixed(with: Colour(0), share: 0.5)
        for line in lines {
            let x = isMirrored ? frameWidth - edge - sideways : edge + sideways
            let edgeWidth = kind == .card ? 2 * unit : 1.2 * unit
            script.add(
                "{\\an\(isMirrored ? 6 : 4)\\pos(\(AssText.number(x)),\(AssText.number(line.y + down)))"
                    + "\\fs\(AssText.number(line.size))\\b\(line.weight)\\1c\(AssText.override(line.colour))"
                    + "\\3c\(AssText.override(dark))\\bord\(AssText.number(edgeWidth))\\4c\(AssText.override(dark))"
                    + "\\yshad\(AssText.number(2 * unit))\\alpha\(AssText.alpha(alpha))"
                    + "\\4a\(AssText.alpha(255 - 0x80 * share))}\(line.text)", layer: 2)
        }
    }

    private func placed(_ area: Area) -> Area {
        var area = area
        if isMirrored { area.left = frameWidth - area.left - area.width }
        return area
    }
}
