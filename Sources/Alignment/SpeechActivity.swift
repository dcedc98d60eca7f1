import Glibc

/// In which frames of a recording somebody speaks, by their loudness alone.
struct SpeechActivity {
    /// One for each frame. Gaps of less than `pause` between spoken frames count as spoken.
    let spoken: [Bool]
    /// One for each frame: surely nobody speaks, nor has within a few frames.
    let silent: [Bool]

    /// Seconds: shorter silences belong to what is said, as those before a `t` do.
    static let pause = 0.2

    /// Seconds
    let duration: Double

    init(_ spectrum: MelSpectrum) {
        let bands = MelSpectrum.bands
        let levels = (0..<spectrum.count).map { frame -> Float in
            var sum: Float = 0
            for band in 0..<bands { sum += spectrum.power[frame * bands + band] }
            return 10 * log10(sum + 1e-12)
        }
        let sorted = levels.sorted()
        func level(at part: Double) -> Float {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(part * Double(sorted.count)))]
        }
        let loud = level(at: 0.95)
        // Far below the loudest all is silence, digital or not.
        let quiet = max(level(at: 0.03), loud - 60)
        let range = loud - quiet
        // Without pauses, or with a noise as loud as the voice, nothing tells silence from speech.
        let limit = range < 12 ? -Float.infinity : quiet + max(6, 0.3 * range)
        var spoken = levels.map { $0 > limit }
        let margin = max(1, Int(0.03 / spectrum.hop))
        var silent = spoken.map { !$0 }
        for frame in spoken.indices where spoken[frame] {
            for near in max(0, frame - margin)...min(spoken.count - 1, frame + margin) { silent[near] = false }
        }
        Self.close(&spoken, gapsUpTo: Int(Self.pause / spectrum.hop))
        self.spoken = spoken
        self.silent = silent
        duration = Double(spoken.count { $0 }) * spectrum.hop
    }

    private static func close(_ spoken: inout [Bool], gapsUpTo limit: Int) {
        var last: Int?
        for frame in spoken.indices where spoken[frame] {
            if let last, frame - last - 1 <= limit { for gap in (last + 1)..<frame { spoken[gap] = true } }
            last = frame
        }
    }
}
