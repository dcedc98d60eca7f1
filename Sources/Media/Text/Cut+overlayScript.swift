import CFFmpeg

extension Cut {
    /// All that is written over the pictures, as one script of libass, its colours as FFmpeg's `ass` filter has to be told. For
    /// whoever wants to draw the same with other tools, as the benchmarks do.
    package var overlayScript: String {
        get throws(MediaError) {
            let cut = try Cut(
                size: size, frameRate: frameRate, shots: shots, titles: titles, captions: captions,
                palette: Self.palette(forFilter: palette), typeface: typeface, sound: SoundTrack(narration: nil))
            let renderer = try AssRenderer(size)
            let titleWriter = TitleWriter(cut, renderer: renderer)
            let captionWriter = CaptionWriter(cut, renderer: renderer)
            var script = AssScript(size, typeface: typeface)
            for (frames, moments) in Self.spans(frameCount, { titleWriter.moments(at: $0) }) where !moments.isEmpty {
                script.add(
                    try titleWriter.script(for: moments), from: cut.second(frames.lowerBound),
                    to: cut.second(frames.upperBound))
            }
            for (frames, moment) in Self.spans(frameCount, { captionWriter.moment(at: $0) }) {
                guard let moment else { continue }
                script.add(
                    try captionWriter.script(for: moment), from: cut.second(frames.lowerBound),
                    to: cut.second(frames.upperBound))
            }
            return script.text
        }
    }

    /// When frame `number` begins, half a frame early: the filter draws what there is at a frame's beginning, and rounding must
    /// not put it off.
    private func second(_ number: Int) -> Double { max(0, (Double(number) - 0.5) / Double(frameRate)) }

    /// The runs of frames for which `value` is the same.
    private static func spans<Value: Equatable>(_ count: Int, _ value: (Int) -> Value) -> [(Range<Int>, Value)] {
        var spans: [(frames: Range<Int>, value: Value)] = []
        for number in 0..<count {
            let value = value(number)
            if let last = spans.last, last.value == value {
                spans[spans.count - 1].frames = last.frames.lowerBound..<number + 1
            } else {
                spans.append((number..<number + 1, value))
            }
        }
        return spans.map { ($0.frames, $0.value) }
    }

    /// Before FFmpeg 7, whose `buffer` source first knew of colour spaces, the filter turns every colour into Y'CbCr by BT.601,
    /// whatever the frame is.
    private static func palette(forFilter wanted: Palette) -> Palette {
        var kind: UnsafePointer<AVClass>? = avfilter_get_by_name("buffer")?.pointee.priv_class
        guard av_opt_find(&kind, "colorspace", nil, 0, AV_OPT_SEARCH_FAKE_OBJ) == nil else { return wanted }
        return Palette(
            accent: wanted.accent.looksLikeItInBT601, background: wanted.background.looksLikeItInBT601,
            text: wanted.text.looksLikeItInBT601)
    }
}

extension Colour {
    /// The colour whose Y', Cb, Cr by BT.601 are those of this one by BT.709, as near as there is one.
    fileprivate var looksLikeItInBT601: Colour {
        let (r, g, b) = (Double(red), Double(green), Double(blue))
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
        let (newBlue, newRed) = (luma + (b - luma) / 1.8556 * 1.772, luma + (r - luma) / 1.5748 * 1.402)
        let newGreen = (luma - 0.299 * newRed - 0.114 * newBlue) / 0.587
        func byte(_ value: Double) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
        return Colour(red: byte(newRed), green: byte(newGreen), blue: byte(newBlue))
    }
}
