/// Breaks text into lines that really fit, measured with the fonts that are there.
struct TextFitter {
    private let size: FrameSize
    private let typeface: String
    private let renderer: AssRenderer

    init(_ size: FrameSize, typeface: String, renderer: AssRenderer) {
        (self.size, self.typeface, self.renderer) = (size, typeface, renderer)
    }

    struct Fitted {
        /// In libass' language, each laid out in the text's direction; none: there is nothing to be seen.
        var lines: [String]
        var size: Double
        /// The lines', in pixels.
        var widths: [Double] = []
        var width: Double { widths.max() ?? 0 }
    }

    /// The largest of `sizes`, which fall, at which `text` needs no more than `lines` lines and no word is cut; else the smallest,
    /// and what doesn't fit ends in an ellipsis.
    func fit(_ text: String, sizes: [Double], weight: Int, room: Double, lines: Int) throws(MediaError) -> Fitted {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !words.isEmpty, let smallest = sizes.last else {
            return Fitted(lines: [], size: sizes.last ?? 1)
        }
        let mark = TextDirection(of: words).mark
        let face = Typeface(typeface, text: words)
        var fitted = Fitted(lines: [], size: smallest)
        for size in sizes {
            // Estimated first: how many ems a line holds is corrected until what libass draws fits.
            var ems = room / (size * 0.84)
            for _ in 0..<6 {
                let broken = TextWidth.wrap(words, width: ems, lines: lines)
                fitted = Fitted(lines: [], size: size)
                fitted.widths = try widths(of: broken, size: size, weight: weight, face: face)
                fitted.lines = broken.map { mark + face.dressed(line: $0, size: size, without: renderer.missing) }
                if fitted.width <= room {
                    if Self.isWhole(broken, words) { return fitted }
                    break
                }
                ems *= min(0.97, room / fitted.width)
            }
        }
        return fitted
    }

    /// Whether `lines` say all of `words`, and cut none that is not longer than a line.
    private static func isWhole(_ lines: [String], _ words: String) -> Bool {
        guard lines.joined().filter({ $0 != " " }) == words.filter({ $0 != " " }) else { return false }
        if PhraseSplitter.applies(to: words) { return true }
        return lines.joined(separator: " ") == words
    }

    /// In pixels.
    private func widths(of lines: [String], size: Double, weight: Int, face: Typeface) throws(MediaError) -> [Double] {
        // Drawn small, so that nothing reaches the frame's edge and isn't measured.
        let part = 0.25
        for _ in 0..<2 {
            let known = renderer.missing.count
            var script = AssScript(self.size, typeface: typeface)
            for (index, line) in lines.enumerated() {
                script.add(
                    "{\\an8\\pos(\(self.size.width / 2),\(index * 2))\\fs\(AssText.number(size * part))\\b\(weight)"
                        + "\(TextMeter.colour(index + 1))}\(face.dressed(line: line, size: size * part, without: renderer.missing))"
                )
            }
            let boxes = try TextMeter(renderer: renderer).boxes(script)
            if renderer.missing.count == known {
                return lines.indices.map { Double(boxes[$0 + 1]?.width ?? 0) / part }
            }
        }
        return lines.map { _ in 0 }
    }
}
