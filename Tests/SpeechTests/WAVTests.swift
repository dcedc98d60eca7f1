import Foundation
import Speech
import Testing

@Suite struct `A WAV file` {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "wav-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    @Test func `gives back the samples it was written from`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let samples: [Int16] = [0, 1, -1, .max, .min, 12_345]
        var writer = try WAVWriter(path: path("a.wav"))
        try writer.append(samples)
        try writer.append(silence: 3)
        try writer.append(samples)
        #expect(writer.count == 15)
        try writer.finish()
        let sound = try Sound(wav: path("a.wav"))
        #expect(sound == Sound(sampleRate: 48_000, samples: samples + [0, 0, 0] + samples))
        #expect(try Data(contentsOf: URL(filePath: path("a.wav"))).count == 44 + 30)
    }

    @Test func `is read past chunks that nobody asked for`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = try WAVWriter(path: path("b.wav"), sampleRate: 8_000)
        try writer.append([7, 8])
        try writer.finish()
        var data = try Data(contentsOf: URL(filePath: path("b.wav")))
        data.insert(contentsOf: Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0], at: 36)
        try data.write(to: URL(filePath: path("b.wav")))
        #expect(try Sound(wav: path("b.wav")) == Sound(sampleRate: 8_000, samples: [7, 8]))
    }

    @Test func `is refused, not misread, when it is broken`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var writer = try WAVWriter(path: path("c.wav"))
        try writer.append(silence: 100)
        try writer.finish()
        let whole = try Data(contentsOf: URL(filePath: path("c.wav")))
        for length in [0, 3, 11, 12, 20, 43, 44, 143] {
            try whole.prefix(length).write(to: URL(filePath: path("cut.wav")))
            #expect(throws: SpeechError.self) { try Sound(wav: path("cut.wav")) }
        }
        var stereo = whole
        stereo[22] = 2
        try stereo.write(to: URL(filePath: path("stereo.wav")))
        #expect(throws: SpeechError.self) { try Sound(wav: path("stereo.wav")) }
    }

    @Test func `that cannot be created says which and why`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let missing = path("missing/d.wav")
        let error = #expect(throws: SpeechError.self) { _ = try WAVWriter(path: missing) }
        #expect(error?.code == .file)
        #expect(error?.description.contains(missing) == true)
        #expect(error?.description.contains("No such file") == true)
    }
}
