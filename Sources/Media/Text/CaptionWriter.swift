/// Writes captions in a cut's style: which page and word at a frame, and what that looks like.
final class CaptionWriter {
    /// What is to be seen. Frames with the same are equal.
    struct Moment: Hashable {
        var page: Int
        /// Of the page's words.
        var spoken: Int?
        /// Of the steps in which a page pops up; nil: it stands.
        var step: Int?
    }

    private struct Layout {
        let page: Int
        /// Smaller than designed where a line would be too wide.
        let scale: Double
        let words: [Int: InkBox]
        /// From the upper edge of a tall letter to the lower one of a deep one, by line.
        let lines: [ClosedRange<Int>]
    }

    private let cut: Cut
    private let renderer: AssRenderer
    private let design: CaptionDesign
    private let direction: TextDirection
    private let typeface: Typeface
    /// Between words.
    private let space: String
    private var layout: Layout?

    /// The sizes of a page that pops up, for so many seconds each.
    private static let steps = [0.84, 1.05, 1.02]
    private static let stepLength = 0.034

    init(_ cut: Cut, renderer: AssRenderer) {
        (self.cut, self.renderer) = (cut, renderer)
        design = CaptionDesign(cut.captions.style, in: cut.size)
        typeface = Typeface(cut.typeface, text: cut.captions.pages.prefix(40).flatMap(\.text).joined())
        // A pill needs room beside its word.
        space = design.style == .pill ? "{\\fscx150} {\\fscx100}" : " "
        direction = TextDirection(of: cut.captions.pages.prefix(40).flatMap(\.text).joined())
    }

    /// Nil: there is nothing to read.
    func moment(at frame: Int) -> Moment? {
        // A frame is seen for its whole length: the word spoken in the middle of it is the one.
        let time = (Double(frame) + 0.5) / Double(cut.frameRate)
        let pages = cut.captions.pages
        var (low, high) = (0, pages.count)
        while low < high {
            let middle = (low + high) / 2
            if pages[middle].start <= time { low = middle + 1 } else { high = middle }
        }
        guard low > 0, time < pages[low - 1].end else { return nil }
        let page = pages[low - 1]
        var step: Int?
        if design.style == .punch {
            let passed = Int((time - page.start) / Self.stepLength)
            step = passed < Self.steps.count ? passed : nil
        }
        return Moment(page: low - 1, spoken: spoken(of: page, at: time), step: step)
    }

    /// A word stays lit until the next one where that comes soon.
    private func spoken(of page: Captions.Page, at time: Double) -> Int? {
        let words = page.lines.flatMap { $0 }
        guard let index = words.lastIndex(where: { $0.start <= time }) else { return nil }
        let next = index + 1 < words.count ? words[index + 1].start : .infinity
        let end = next - words[index].end <= 0.4 ? next : words[index].end
        return time < end ? index : nil
    }

    func script(for moment: Moment) throws(MediaError) -> AssScript {
        let layout = try layout(of: moment.page)
        let page = cut.captions.pages[moment.page]
        var script = AssScript(cut.size, typeface: cut.typeface)
        if let custom = design.custom {
            let unit = Double(min(cut.size.width, cut.size.height)) / 1080
            script.styles = [custom.line(named: "Own", unit: unit)]
            let text = texts(
                of: page, scale: layout.scale,
                numbered: { number in
                    "{\\1c\(custom.colour(spoken: number == moment.spoken))}"
                }
            ).joined(separator: "\\N")
            let smaller = layout.scale < 1 ? "{\\fs\(AssText.number(design.fontSize * layout.scale))}" : ""
            script.add(smaller + text, style: "Own")
            return script
        }
        let size = layout.scale * (moment.step.map { Self.steps[$0] } ?? 1)
        if design.style == .pill, let spoken = moment.spoken { addPill(behind: spoken, layout, to: &script) }
        addLines(of: page, scale: layout.scale, zoom: size / layout.scale, look: look, to: &script) { number in
            "{\\1c\(colour(isSpoken: number == moment.spoken))"
                + (design.style == .pill ? edges(isSpoken: number == moment.spoken) : "") + "}"
        }
        return script
    }

    /// What all words have.
    private var look: String {
        let edge = cut.palette.background.mixed(with: Colour(0), share: 0.5)
        return "\\b\(design.weight)\\3c\(AssText.override(edge))\\bord\(AssText.number(design.outline))"
            + "\\4c\(AssText.override(edge))\\4a&H60&\\yshad\(AssText.number(shadow))"
    }

    /// On its pill a word has neither outline nor shadow.
    private func edges(isSpoken: Bool) -> String {
        isSpoken
            ? "\\bord0\\yshad0"
            : "\\bord\(AssText.number(design.outline))\\yshad\(AssText.number(shadow))"
    }

    private var shadow: Double { design.fontSize * (design.style == .punch ? 0.045 : 0.03) }

    private func colour(isSpoken: Bool) -> String {
        guard isSpoken else { return AssText.override(cut.palette.text) }
        let accent = cut.palette.accent
        guard design.style == .pill else { return AssText.override(accent) }
        // On the pill, whichever of the palette's is read best.
        let dark = cut.palette.background
        let best = accent.contrast(with: dark) >= accent.contrast(with: cut.palette.text) ? dark : cut.palette.text
        return AssText.override(best)
    }

    private func addPill(behind spoken: Int, _ layout: Layout, to script: inout AssScript) {
        guard let box = layout.words[spoken] else { return }
        let page = cut.captions.pages[layout.page]
        var (line, first) = (0, 0)
        while line < page.lines.count - 1, spoken >= first + page.lines[line].count {
            first += page.lines[line].count
            line += 1
        }
        let em = design.fontSize * layout.scale
        let (top, bottom) = (Double(layout.lines[line].lowerBound), Double(layout.lines[line].upperBound))
        // Where no space is between words, little room is left beside one.
        let words = page.lines[line]
        func room(_ isTight: Bool) -> Double { em * (isTight ? 0.04 : 0.14) }
        let before = room(words[spoken - first].isAttached)
        let after = room(spoken - first + 1 < words.count && words[spoken - first + 1].isAttached)
        let isMirrored = TextDirection(of: words[spoken - first].text) == .rightToLeft
        let high = em * 0.05
        script.addBox(
            Area(
                left: Double(box.left) - (isMirrored ? after : before), top: top - high,
                width: Double(box.width) + before + after, height: bottom - top + 2 * high), radius: em * 0.2, layer: 1,
            tags: "\\1c\(AssText.override(cut.palette.accent))")
    }

    /// - Parameters:
    ///   - zoom: of the block as a whole, around its middle.
    ///   - numbered: what stands before word `n` of the page.
    private func addLines(
        of page: Captions.Page, scale: Double, zoom: Double = 1, look: String, to script: inout AssScript,
        numbered: (Int) -> String
    ) {
        let count = page.lines.count
        let centre = (design.middle(ofLine: 0, of: count) + design.middle(ofLine: count - 1, of: count)) / 2
        let percent = AssText.number(zoom * 100)
        let size =
            "\\fs\(AssText.number(design.fontSize * scale))" + (zoom == 1 ? "" : "\\fscx\(percent)\\fscy\(percent)")
        for (index, text) in texts(of: page, scale: scale, numbered: numbered).enumerated() {
            let middle = centre + (design.middle(ofLine: index, of: count) - centre) * zoom
            let place = "\\an5\\pos(\(cut.size.width / 2),\(AssText.number(middle)))"
            script.add("{\(place)\(size)\(look)}\(text)", layer: 2)
        }
    }

    /// The page's lines, each laid out in the captions' direction.
    private func texts(of page: Captions.Page, scale: Double, numbered: (Int) -> String) -> [String] {
        let whole = page.lines.joined().joined
        let isRightToLeft =
            direction == .rightToLeft && TextDirection.hasRightToLeft(whole)
            || TextDirection(of: whole) == .rightToLeft
        let mark = isRightToLeft || TextDirection.hasRightToLeft(whole) ? (isRightToLeft ? "\u{200F}" : "\u{200E}") : ""
        var number = 0
        return page.lines.map { line in
            var text = mark
            for word in line {
                // Nothing is left of a word that was only a pictograph no font has.
                let letters = AssText.escape(word.text, without: renderer.missing)
                if !letters.isEmpty {
                    if text != mark, !word.isAttached { text += space }
                    text += numbered(number) + typeface.dressed(letters, size: design.fontSize * scale)
                }
                number += 1
            }
            return text
        }
    }

    private func layout(of page: Int) throws(MediaError) -> Layout {
        if let layout, layout.page == page { return layout }
        var scale = 1.0
        var result = try measure(page, scale: scale)
        // Boxes for what is missing were measured, too.
        if result.foundMissing { result = try measure(page, scale: scale) }
        // What stands outside the frame isn't measured: a line that is far too wide takes several steps.
        for _ in 0..<4 {
            let left = result.words.values.map(\.left).min() ?? 0
            let right = result.words.values.map(\.right).max() ?? 0
            guard Double(right - left) > design.room else { break }
            scale *= design.room / Double(right - left) * 0.99
            result = try measure(page, scale: scale)
        }
        let count = cut.captions.pages[page].lines.count
        var lines: [ClosedRange<Int>] = []
        var number = 0
        for index in 0..<count {
            // Beside the line's own letters, a tall and a deep one.
            var box = result.guides[index] ?? InkBox(left: 0, top: 0, right: 0, bottom: 0)
            for _ in cut.captions.pages[page].lines[index] {
                if let word = result.words[number] {
                    if box.height == 0 { box = word } else { box.join(word) }
                }
                number += 1
            }
            lines.append(box.top...max(box.top, box.bottom))
        }
        let layout = Layout(page: page, scale: scale, words: result.words, lines: lines)
        self.layout = layout
        return layout
    }

    private static let guide = 0x800000

    private func measure(_ index: Int, scale: Double) throws(MediaError)
        -> (words: [Int: InkBox], guides: [Int: InkBox], foundMissing: Bool)
    {
        let page = cut.captions.pages[index]
        let known = renderer.missing.count
        var script = AssScript(cut.size, typeface: cut.typeface)
        if let custom = design.custom {
            script.styles = [custom.line(named: "Own", unit: Double(min(cut.size.width, cut.size.height)) / 1080)]
            let text = texts(of: page, scale: scale) { "{\(TextMeter.colour($0))}" }.joined(separator: "\\N")
            script.add("{\\fs\(AssText.number(design.fontSize * scale))}" + text, style: "Own")
        } else {
            addLines(of: page, scale: scale, look: "\\b\(design.weight)", to: &script) { "{\(TextMeter.colour($0))}" }
            for line in page.lines.indices {
                let middle = AssText.number(design.middle(ofLine: line, of: page.lines.count))
                script.add(
                    "{\\an5\\pos(\(cut.size.width / 2),\(middle))\\fs\(AssText.number(design.fontSize * scale))"
                        + "\\b\(design.weight)\(TextMeter.colour(Self.guide + line))}dp")
            }
        }
        let boxes = try TextMeter(renderer: renderer).boxes(script)
        var guides: [Int: InkBox] = [:]
        for (number, box) in boxes where number >= Self.guide { guides[number - Self.guide] = box }
        return (boxes.filter { $0.key < Self.guide }, guides, renderer.missing.count > known)
    }
}
