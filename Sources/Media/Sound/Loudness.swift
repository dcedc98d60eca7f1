import Foundation

/// How loud a narration is, and what brings it to where YouTube plays it: the settings found by measuring the sound that
/// will really be encoded, as often as it takes.
struct Loudness {
    /// LUFS. Louder videos are turned down to it, quieter ones are not turned up.
    static let target = -14.0
    /// dBTP. AAC adds a few tenths of a decibel to a peak, so that the published sound stays below -1.
    static let ceiling = -1.6

    let gain: Double
    /// Nil where no peak comes near it.
    let ceiling: Double?
    /// Seconds of narration.
    let duration: Double
    /// Of the result: LUFS and dBTP; nil for silence.
    let integrated: Double?
    let truePeak: Double?

    static func find(_ path: String, flag: CancellationFlag) throws(MediaError) -> Loudness {
        var settings = SoundGraph.Settings(isMeasured: true)
        var heard = try measure(path, settings, flag: flag)
        guard var loudness = heard.integrated, var peak = heard.truePeak else {
            return Loudness(gain: 0, ceiling: nil, duration: heard.duration, integrated: nil, truePeak: nil)
        }
        // More would only lift a recording's noise.
        settings.gain = min(target - loudness, 40)
        if peak + settings.gain <= ceiling {
            return Loudness(
                gain: settings.gain, ceiling: nil, duration: heard.duration, integrated: loudness + settings.gain,
                truePeak: peak + settings.gain)
        }
        // The limiter takes loudness away; each round gives back what the last one lost.
        settings.ceiling = ceiling
        for _ in 0..<5 {
            heard = try measure(path, settings, flag: flag)
            loudness = heard.integrated ?? loudness
            peak = heard.truePeak ?? peak
            if abs(loudness - target) < 0.15, peak < -1.2 { break }
            settings.gain = min(settings.gain + (target - loudness), 40)
            if peak >= -1.2 { settings.ceiling = (settings.ceiling ?? ceiling) - (peak + 1.3) }
        }
        return Loudness(
            gain: settings.gain, ceiling: settings.ceiling, duration: heard.duration, integrated: loudness,
            truePeak: peak)
    }

    private static func measure(
        _ path: String, _ settings: SoundGraph.Settings, flag: CancellationFlag
    ) throws(MediaError) -> (integrated: Double?, truePeak: Double?, duration: Double) {
        let graph = try SoundGraph(path, settings, flag: flag)
        let frame = try Frame()
        var meter = LoudnessMeter()
        while try graph.next(into: frame) { meter.read(frame) }
        guard graph.narrationSamples > 0 else {
            throw MediaError(.damaged, "measure narration", file: path, reason: "there is no sound in it")
        }
        return (meter.integrated, meter.truePeak, Double(graph.narrationSamples) / Double(graph.inputRate))
    }
}

/// Reads what the filter `ebur128` attaches to each frame; the last one counts.
struct LoudnessMeter {
    /// LUFS; nil for silence, or less than 0.4 seconds.
    private(set) var integrated: Double?
    /// dBTP of the louder channel.
    private(set) var truePeak: Double?

    mutating func read(_ frame: Frame) {
        if let value = frame.metadata("lavfi.r128.I").flatMap(Double.init) {
            integrated = value.isFinite && value > -69 ? value : nil
        }
        let peaks = ["lavfi.r128.true_peaks_ch0", "lavfi.r128.true_peaks_ch1"].compactMap {
            frame.metadata($0).flatMap(Double.init)
        }
        // The metadata has them as amplitudes.
        if let peak = peaks.max(), peak > 0 { truePeak = 20 * log10(peak) }
    }
}
