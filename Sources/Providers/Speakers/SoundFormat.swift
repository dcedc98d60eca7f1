import Blocking
import FoundationEssentials
import Media
import Speech

/// What kind of sound a provider is asked for, by its name there: `mp3_44100_128`, `pcm_24000`, `wav`.
package struct SoundFormat: Sendable, Equatable {
    package let name: String
    /// Hz, of bare samples; nil where the sound says itself what it is.
    let bareRate: Int?

    /// - Parameter bareRate: of 16-bit little-endian samples of one channel without a header.
    init(_ name: String, bareRate: Int? = nil) { (self.name, self.bareRate) = (name, bareRate) }

    /// One of ElevenLabs'; nil for one that is not read here: telephone codes, and Opus, whose container it does not tell.
    package init?(elevenLabs name: String) {
        let parts = name.split(separator: "_")
        switch (parts.first, parts.dropFirst().first.flatMap { Int($0) }) {
        case ("mp3", .some) where parts.count == 3: self.init(name)
        case ("wav", .some) where parts.count == 2: self.init(name)
        case ("pcm", .some(let rate)) where parts.count == 2 && rate >= 8_000: self.init(name, bareRate: rate)
        default: return nil
        }
    }

    /// One of OpenAI's `response_format`s; `pcm` is 24 kHz there.
    package init?(openAI name: String) {
        guard ["mp3", "opus", "aac", "flac", "wav", "pcm"].contains(name) else { return nil }
        self.init(name, bareRate: name == "pcm" ? 24_000 : nil)
    }

    /// The sound itself, for use beside `file`, where it lies for a moment if FFmpeg has to read it.
    ///
    /// - Throws: `MediaError`, `CancellationError`, or what writing a file may throw.
    func sound(of bytes: [UInt8], beside file: URL) async throws -> Sound {
        if let bareRate {
            let count = bytes.count / 2
            return Sound(
                sampleRate: bareRate,
                samples: bytes.withUnsafeBytes { raw in
                    (0..<count).map { Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self)) }
                })
        }
        let draft = URL(filePath: file.path + ".heard")
        try await DraftSound(path: draft.path).write(bytes)
        defer { try? FileManager.default.removeItem(at: draft) }
        return Sound(sampleRate: MonoSound.rate, samples: try await MonoSound(decoding: draft.path).samples)
    }
}

/// Writes a file on a thread of its own.
private actor DraftSound {
    private let executor = BlockingExecutor(label: "draft of a sound")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let path: String

    init(path: String) { self.path = path }

    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: path)) }
}
