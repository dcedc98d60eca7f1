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
            let most = cut.size.isVertical ? 4 : 3
            let text = try fitter.fit(
                title.text, sizes: [128, 116, 104, 92, 80, 70].map { $0 * unit }, weight: 800, room: room, lines: most)
            let credit = try fitter.fit(title.detail, sizes: [48 * unit], weight: 550, room: room, lines: 1)
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
                Line(text: $0, size: credit.size, weight: 550, colour: quiet, y: top + block - credit.size * 0.5)
            }
            self.lines = lines
            bar = Area(left: left, top: top + text.size * 0.06, width: barWidth, height: block - text.size * 0.1)
            edge = left + barWidth + gap
        case .label:
            let room = min(width * (1 - near - far), 1100 * unit)
            let text = try fitter.fit(
                title.text, sizes: [48, 42].map { $0 * unit }, weight: 700, room: room, lines: 2)
            let top = height * safe.top
            let barHeight = max(2, 6 * unit)
            let pitch = text.size
            let begin = top + barHeight + 12 * unit
            lines = text.lines.enumerated().map {
                Line(
                    text: $1, size: text.size, weight: 700, colour: cut.palette.text,
                    y: begin + pitch * (Double($0) + 0.5))
            }
            bar = Area(left: left, top: top, width: 52 * unit, height: barHeight)
            edge = left
        case .lowerThird:
            let (barWidth, gap) = (max(2, 8 * unit), 24 * unit)
            let room = min(width * (1 - near - far) - barWidth - gap, 1200 * unit)
            let name = try fitter.fit(
                title.text, sizes: [60, 54, 48].map { $0 * unit }, weight: 750, room: room, lines: 1)
            let detail = try fitter.fit(
                title.detail, sizes: [42, 36].map { $0 * unit }, weight: 550, room: room, lines: 1)
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
                Line(text: $0, size: detail.size, weight: 550, colour: quiet, y: top + block - detail.size * 0.5)
            }
            self.lines = lines
            bar = Area(left: left, top: top + name.size * 0.08, width: barWidth, height: block - name.size * 0.12)
            edge = left + barWidth + gap
        }
    }

    /// - Parameter share: how far it has come, 0 to 1.
    func write(to script: inout AssScript, share: Double, isLeaving: Bool) {
        let alpha = 255 * (1 - share)
        let dark = palette.background.mixed(with: Colour(0), share: 0.5)
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
            tags: "\\1c\(AssText.override(palette.accent))\\alpha\(AssText.alpha(isLeaving ? alpha : 0))"
                + "\\3c\(AssText.override(dark))\\3a\(AssText.alpha(255 - 0xB0 * share))\\bord\(AssText.number(1.5 * unit))"
        )
        let way = isLeaving ? 0 : 1 - share
        let (sideways, down) = kind == .lowerThird ? (-26 * unit * way, 0) : (0, 18 * unit * way)
        for line in lines {
            let x = isMirrored ? frameWidth - edge : edge
            func tags(_ sideways: Double, _ down: Double) -> String {
                let place =
                    "\\pos(\(AssText.number(isMirrored ? x - sideways : x + sideways)),\(AssText.number(line.y + down)))"
                return "\\an\(isMirrored ? 6 : 4)\(place)\\fs\(AssText.number(line.size))\\b\(line.weight)"
            }
            if kind != .card {
                // A wide, soft shadow of the letters themselves: seen on a bright picture, where it is needed. It doesn't move, so
                // that it is made once.
                let glow = AssText.alpha(255 - 0x90 * share)
                script.add(
                    "{\(tags(0, 0))\\1c\(AssText.override(dark))\\3c\(AssText.override(dark))\\alpha\(glow)"
                        + "\\bord\(AssText.number(15 * unit))\\blur\(AssText.number(15 * unit))}\(line.text)", layer: 0)
            }
            script.add(
                "{\(tags(sideways, down))\\1c\(AssText.override(line.colour))"
                    + "\\3c\(AssText.override(dark))\\bord\(AssText.number(1.5 * unit))\\4c\(AssText.override(dark))"
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
