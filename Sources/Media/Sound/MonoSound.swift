import CFFmpeg

/// A whole sound file in memory, as one channel of 48 kHz: a voice somebody else has made.
public struct MonoSound: Sendable {
    /// Hz
    public static let rate = 48_000

    public let samples: [Int16]

    /// Reads a file of whatever kind. Its first sample is the first that was put into the encoder, as far as can be told: what
    /// an MP3's coding adds in front is left out, also where the file does not say how much that is.
    ///
    /// - Parameter limit: seconds; what is longer is an error.
    public init(decoding path: String, limit: Double = 3_600) async throws(MediaError) {
        samples = try await blockingWork("decode speech") { flag throws(MediaError) in
            try Self.samples(of: path, limit: limit, flag: flag)
        }
    }

    /// Undoes the three decibels by which a mono file is heard softer on each of two sides.
    private static let mono = Float(0.5.squareRoot())

    private static func samples(
        of path: String, limit: Double, flag: CancellationFlag
    ) throws(MediaError) -> [Int16] {
        var delay = try unannouncedDelay(of: path, flag: flag)
        let (sound, block) = (try DecodedSound(path, flag: flag), StereoBlock())
        let most = DecodedSound.samples(limit)
        var samples: [Int16] = []
        while true {
            try flag.check("decode sound")
            let count = try sound.read(into: block, count: StereoBlock.length)
            if count == 0 { break }
            let skipped = min(delay, count)
            delay -= skipped
            for index in skipped..<count {
                let value = (block.left[index] + block.right[index]) * Self.mono
                samples.append(Int16(max(-32_768, min(32_767, (value * 32_768).rounded()))))
            }
            guard samples.count <= most else {
                throw MediaError(.invalid, "decode", file: path, reason: "it lasts longer than \(Int(limit)) s")
            }
        }
        return samples
    }

    /// Samples at 48 kHz in front of an MP3's sound that nothing in the file tells of. One written to a pipe, as servers do,
    /// has no header with the encoder's delay; LAME's is 576 samples, and decoding adds 529 (lame's tech FAQ).
    private static func unannouncedDelay(of path: String, flag: CancellationFlag) throws(MediaError) -> Int {
        let file = try InputFile(path, flag: flag)
        guard file.format == "mp3", file.start == 0, let stream = file.stream(AVMEDIA_TYPE_AUDIO),
            let rate = stream.pointee.codecpar?.pointee.sample_rate, rate > 0
        else { return 0 }
        return (576 + 529) * Self.rate / Int(rate)
    }
}
