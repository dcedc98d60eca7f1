import Foundation
import Media
import Speech
import SpeechPeers
import Testing

@Suite struct `A sound that somebody else has made` {
    /// Clicks at known times, at half of full scale.
    private static let clicks = Sound(
        sampleRate: 48_000,
        samples: (0..<96_000).map { index in
            let phase = index % 24_000
            guard phase < 240 else { return 0 }
            return Int16(16_000 * sin(Double(phase) / 240 * .pi * 6) * sin(Double(phase) / 240 * .pi))
        })

    /// Samples at 48 kHz from the beginning to the first click's middle.
    private func first(_ samples: [Int16]) -> Int? {
        guard let peak = samples.prefix(12_000).indices.max(by: { abs(Int(samples[$0])) < abs(Int(samples[$1])) })
        else {
            return nil
        }
        return peak
    }

    @Test(arguments: [
        ["-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3"],
        ["-ar", "22050", "-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3"],
        ["-ar", "24000", "-c:a", "pcm_s16le", "-f", "wav"], ["-ar", "24000", "-c:a", "flac", "-f", "flac"],
        ["-ar", "44100", "-ac", "2", "-c:a", "pcm_s16le", "-f", "wav"],
    ])
    func `keeps its times and its loudness, whatever its coding adds in front`(encoding: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mono-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(try await PeerVoice.encoded(Self.clicks, encoding)).write(to: file)
        let samples = try await MonoSound(decoding: file.path).samples
        let (told, real) = (try #require(first(samples)), try #require(first(Self.clicks.samples)))
        #expect(abs(told - real) < 48 * 4, "\(Double(told - real) / 48) ms")
        let peak = Int(samples.map { abs(Int($0)) }.max() ?? 0)
        #expect(abs(Double(peak) / Double(Self.clicks.peak) - 1) < 0.25, "\(peak) of \(Self.clicks.peak)")
    }

    @Test func `with a header that tells of its coding's delay is not shortened twice`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mono-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let wav = folder.appending(path: "clicks.wav")
        try Data(try await PeerVoice.encoded(Self.clicks, ["-f", "wav"])).write(to: wav)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let mp3 = folder.appending(path: "clicks.mp3")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-i", wav.path, "-b:a", "128k", mp3.path]
        try process.run()
        process.waitUntilExit()
        let samples = try await MonoSound(decoding: mp3.path).samples
        let (told, real) = (try #require(first(samples)), try #require(first(Self.clicks.samples)))
        #expect(abs(told - real) < 48 * 4, "\(Double(told - real) / 48) ms")
    }

    @Test func `that is too long, or none, is an error`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "mono-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(try await PeerVoice.encoded(Self.clicks, ["-f", "flac"])).write(to: file)
        await #expect(throws: MediaError.self) { try await MonoSound(decoding: file.path, limit: 1) }
        try Data("no sound at all".utf8).write(to: file)
        await #expect(throws: MediaError.self) { try await MonoSound(decoding: file.path) }
    }
}
