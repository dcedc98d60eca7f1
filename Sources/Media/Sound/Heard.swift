/// What listening to a file once shows, as the mix needs it.
struct Heard: Sendable {
    /// LUFS; nil for silence.
    let loudness: Double?
    /// Samples that there are.
    let length: Int
    /// Of them, from the first to the last that is not silent.
    let sounding: Range<Int>

    /// Below it a recording is silent, beside full scale: -66 dB.
    private static let silence: Float = 0.0005

    /// - Parameters:
    ///   - part: seconds of the file; nil: all of it.
    ///   - limit: seconds after which it is known well enough.
    init(
        _ path: String, part: Range<Double>?, limit: Double, limits: MediaLimits, flag: CancellationFlag
    ) throws(MediaError) {
        let (sound, block, gauge) = (
            try DecodedSound(path, part: part, limits: limits, flag: flag), StereoBlock(), try LoudnessGauge()
        )
        let most = DecodedSound.samples(limit)
        var (length, first, last): (Int, Int?, Int) = (0, nil, 0)
        while length < most {
            try flag.check("measure sound")
            let count = try sound.read(into: block, count: min(StereoBlock.length, most - length))
            if count == 0 { break }
            try gauge.hear(block, count: count)
            func isSounding(_ index: Int) -> Bool {
                max(abs(block.left[index]), abs(block.right[index])) > Self.silence
            }
            if first == nil { first = (0..<count).first(where: isSounding).map { length + $0 } }
            if let index = (0..<count).last(where: isSounding) { last = length + index + 1 }
            length += count
        }
        guard length > 0 else {
            throw MediaError(.damaged, "measure sound", file: path, reason: "there is no sound in it")
        }
        (self.length, sounding) = (length, (first ?? 0)..<max(last, first ?? 0))
        loudness = try gauge.integrated()
    }
}
