import Blocking
package import Speech

/// The sound of a narration as it is written to its file: resampled, off the cooperative pool.
package actor NarrationTrack {
    /// Hz
    package static let sampleRate = 48_000
    /// Leaves room above the engines' full-scale peaks, which resampling overshoots; the render stage sets the loudness.
    private static let gain = 0.8

    private let executor = BlockingExecutor(label: "narration")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var file: WAVWriter?
    private var resampler: Resampler?

    private let path: String

    package init(path: String) { self.path = path }

    /// Seconds written so far.
    package var duration: Double { Double(count) / Double(Self.sampleRate) }
    private var count = 0

    package func append(silence seconds: Double) throws(SpeechError) {
        try write([Int16](repeating: 0, count: Int((seconds * Double(Self.sampleRate)).rounded())))
    }

    package func append(_ sound: Sound) throws(SpeechError) {
        let fitting: Resampler
        if let resampler, resampler.input == sound.sampleRate {
            fitting = resampler
        } else {
            fitting = Resampler(from: sound.sampleRate, to: Self.sampleRate, gain: Self.gain)
            resampler = fitting
        }
        try write(fitting.resample(sound.samples))
    }

    /// Completes the file and answers its length in seconds.
    package func finish() throws(SpeechError) -> Double {
        if let file = file.take() { try file.finish() }
        return duration
    }

    private func write(_ samples: [Int16]) throws(SpeechError) {
        if file == nil { file = try WAVWriter(path: path, sampleRate: Self.sampleRate) }
        try file?.append(samples)
        count += samples.count
    }
}
