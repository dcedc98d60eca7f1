import Foundation
import Media

/// A folder of its own with the pictures and sounds a test makes, and FFmpeg's own programs for an independent look at
/// what came out. The folder goes when the workshop does.
final class Workshop: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "workshop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    /// The names of all files, sorted.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted() }
    }

    /// Writes a raw picture whose samples `colour` gives.
    func picture(
        _ name: String, width: Int = 320, height: Int = 180, _ colour: (_ x: Int, _ y: Int) -> Colour
    ) throws -> String {
        var bytes = Data("P6\n\(width) \(height)\n255\n".utf8)
        for y in 0..<height {
            for x in 0..<width {
                let colour = colour(x, y)
                bytes.append(contentsOf: [colour.red, colour.green, colour.blue])
            }
        }
        try bytes.write(to: folder.appending(path: name))
        return path(name)
    }

    /// Writes a WAV of 48 kHz, mono, 16 bits; `amplitude` is -1 to 1 at each second.
    func sound(_ name: String, seconds: Double, _ amplitude: (Double) -> Double) throws -> String {
        let count = Int(seconds * 48000)
        var bytes = Data()
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(contentsOf: Array("RIFF".utf8))
        append(UInt32(36 + count * 2))
        bytes.append(contentsOf: Array("WAVEfmt ".utf8))
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(UInt32(48000))
        append(UInt32(96000))
        append(UInt16(2))
        append(UInt16(16))
        bytes.append(contentsOf: Array("data".utf8))
        append(UInt32(count * 2))
        for index in 0..<count {
            append(Int16(max(-1, min(1, amplitude(Double(index) / 48000))) * 32767))
        }
        try bytes.write(to: folder.appending(path: name))
        return path(name)
    }

    /// Something like speech: syllables of a low voice with overtones.
    func speech(_ name: String = "speech.wav", seconds: Double, level: Double = 0.3) throws -> String {
        try sound(name, seconds: seconds) { time in
            let syllable = 0.5 - 0.5 * cos(2 * .pi * 4 * time)
            return level * syllable * (sin(2 * .pi * 150 * time) + 0.4 * sin(2 * .pi * 450 * time))
        }
    }

    static let small = FrameSize(width: 320, height: 180) ?? .horizontal

    /// A picture of 16:9 and what is written over it.
    struct Scene {
        var picture: String
        var frames: Range<Int>
        var seed: UInt64 = 1
        var heading = ""
    }

    /// A cut as a simple video has it: narration after a lead-in, dissolves of half a second, a title card.
    func cut(
        size: FrameSize = Workshop.small, title: String = "", scenes: [Scene]? = nil, words: [TimedWord] = [],
        narration: String? = nil, seconds: Double = 1.5, leadIn: Double = 0.5, tail: Double = 0.5,
        palette: Cut.Palette = .calm, encoding: VideoEncoding = VideoEncoding()
    ) throws -> Cut {
        let speech = try narration ?? speech(seconds: seconds)
        let count = Cut.frameCount(seconds: leadIn + seconds + tail)
        var scenes = try scenes ?? [Scene(picture: flat("flat.ppm", Colour(0x305070)), frames: 0..<count)]
        let last = scenes.count - 1
        scenes[last].frames = scenes[last].frames.lowerBound..<count
        let shots = scenes.enumerated().map { index, scene in
            let shorter = min(scene.frames.count, index > 0 ? scenes[index - 1].frames.count : .max)
            return Shot(
                .still(
                    file: scene.picture,
                    motion: Motion(
                        over: (16, 9), for: size, seconds: Double(scene.frames.count) / 30, seed: scene.seed)),
                frames: scene.frames,
                transition: index == 0 ? .cut : Transition(.dissolve, frames: 2 * min(7, shorter / 3)))
        }
        let card = Int(min(3.8, Double(count) / 30 * 0.4) * 30)
        let titles =
            (title.isEmpty ? [] : [Title(.card, title, detail: "A channel", frames: 0..<card)])
            + scenes.filter { !$0.heading.isEmpty }.map {
                Title(.label, $0.heading, frames: max($0.frames.lowerBound + 7, card)..<$0.frames.upperBound)
            }
        let shifted = words.map { TimedWord($0.text, start: $0.start + leadIn, end: $0.end + leadIn) }
        return try Cut(
            size: size, shots: shots, titles: titles,
            captions: Captions(shifted, lineLength: Captions.lineLength(in: size)), fadeOut: 15, palette: palette,
            sound: SoundTrack(narration: SoundTrack.Part(file: speech, start: leadIn)), encoding: encoding)
    }

    func flat(_ name: String, _ colour: Colour) throws -> String { try picture(name) { _, _ in colour } }

    /// What a program of FFmpeg's writes to its standard output.
    func run(_ program: String, _ arguments: String...) throws -> Data { try run(program, arguments: arguments) }

    func run(_ program: String, arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program, "-v", "error"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        struct Failure: Error { let program: String, arguments: [String], status: Int32 }
        guard process.terminationStatus == 0 else {
            throw Failure(program: program, arguments: arguments, status: process.terminationStatus)
        }
        return bytes
    }

    private func start(_ second: Double) -> [String] { second > 0 ? ["-ss", "\(second)"] : [] }

    /// The sound of a file from a second on, both ears together, at 48 kHz.
    private func samples(of file: String, from second: Double) throws -> [Int16] {
        try run(
            "ffmpeg", arguments: start(second) + ["-i", file, "-f", "s16le", "-ar", "48000", "-ac", "1", "-"]
        ).withUnsafeBytes {
            Array($0.bindMemory(to: Int16.self))
        }
    }

    /// The second at which something is first heard, a quarter as loud as the loudest; nil: nothing is.
    func onset(in file: String) throws -> Double? {
        let samples = try samples(of: file, from: 0)
        let loudest = samples.map { abs(Int($0)) }.max() ?? 0
        guard loudest > 3000 else { return nil }
        return samples.firstIndex { abs(Int($0)) > loudest / 4 }.map { Double($0) / 48_000 }
    }

    /// The second at which something is last heard, a quarter as loud as the loudest after `second`; nil: nothing is.
    func lastSound(in file: String, from second: Double) throws -> Double? {
        let samples = try samples(of: file, from: second)
        let loudest = samples.map { abs(Int($0)) }.max() ?? 0
        guard loudest > 3000 else { return nil }
        return samples.lastIndex { abs(Int($0)) > loudest / 4 }.map { second + Double($0) / 48_000 }
    }

    /// Every frame of a video, or those from a second on, as packed RGB.
    func frames(of file: String, from second: Double = 0, size: FrameSize = Workshop.small) throws -> [Picture] {
        let bytes = [UInt8](
            try run(
                "ffmpeg",
                arguments: start(second) + [
                    "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-fps_mode", "passthrough", "-",
                ]))
        let length = size.width * size.height * 3
        return stride(from: 0, to: bytes.count, by: length).map {
            Picture(width: size.width, height: size.height, bytes: Array(bytes[$0..<$0 + length]))
        }
    }
}

struct Picture {
    let width: Int
    let height: Int
    let bytes: [UInt8]

    subscript(x: Int, y: Int) -> Colour {
        let index = (y * width + x) * 3
        return Colour(red: bytes[index], green: bytes[index + 1], blue: bytes[index + 2])
    }

    /// The places whose colour is as `matches` says.
    func places(where matches: (Colour) -> Bool) -> [(x: Int, y: Int)] {
        var places: [(x: Int, y: Int)] = []
        for y in 0..<height {
            for x in 0..<width where matches(self[x, y]) { places.append((x, y)) }
        }
        return places
    }

    /// Of white text.
    var bright: [(x: Int, y: Int)] { places { $0.red > 200 && $0.green > 200 && $0.blue > 200 } }
}

extension Colour {
    func isNear(_ other: Colour, within tolerance: Int) -> Bool {
        abs(Int(red) - Int(other.red)) <= tolerance && abs(Int(green) - Int(other.green)) <= tolerance
            && abs(Int(blue) - Int(other.blue)) <= tolerance
    }
}
