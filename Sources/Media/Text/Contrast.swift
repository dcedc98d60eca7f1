import CFFmpeg

/// How well text is told from the picture behind it, measured on the picture.
enum Contrast {
    /// One pixel in two hundred may be worse: a spark behind a letter hides none.
    private static let ignored = 0.005

    /// The contrast ratio (WCAG 2.1) between any of `colours` and what lies under the letters of `text`, the worst pixels aside.
    ///
    /// - Parameter frame: 4:4:4, BT.601 in limited range.
    static func least(of colours: Set<Colour>, over frame: Frame, under text: TextCanvas) -> Double {
        guard let luma = frame.plane(0), let blue = frame.plane(1), let red = frame.plane(2) else { return 1 }
        let linear = (0...255).map { Colour(red: 0, green: UInt8($0), blue: 0).luminance / 0.7152 }
        // How many pixels have which luminance, in thousandths.
        var counts = [Int](repeating: 0, count: 1001)
        var total = 0
        // Every fourth pixel tells enough.
        for y in text.lines where y.isMultiple(of: 2) {
            for x in text.columns where x.isMultiple(of: 2) && text.coverage(x: x, y: y) > 64 {
                let bright = 1.1644 * Double(Int(luma.samples[y * luma.stride + x]) - 16)
                let (cb, cr) = (
                    Double(Int(blue.samples[y * blue.stride + x]) - 128),
                    Double(Int(red.samples[y * red.stride + x]) - 128)
                )
                func light(_ value: Double) -> Double { linear[Int(min(max(value.rounded(), 0), 255))] }
                let luminance =
                    0.2126 * light(bright + 1.596 * cr) + 0.7152 * light(bright - 0.3918 * cb - 0.813 * cr)
                    + 0.0722 * light(bright + 2.0172 * cb)
                counts[Int((luminance * 1000).rounded())] += 1
                total += 1
            }
        }
        guard total > 0 else { return 21 }
        return colours.map { least(of: $0, counts, total) }.min() ?? 21
    }

    private static func least(of colour: Colour, _ counts: [Int], _ total: Int) -> Double {
        let own = colour.luminance
        let ratios = counts.indices.filter { counts[$0] > 0 }.map { index -> (ratio: Double, count: Int) in
            let other = Double(index) / 1000
            return ((max(own, other) + 0.05) / (min(own, other) + 0.05), counts[index])
        }.sorted { $0.ratio < $1.ratio }
        var seen = 0
        for (ratio, count) in ratios {
            seen += count
            if Double(seen) > Double(total) * ignored { return ratio }
        }
        return 21
    }
}
