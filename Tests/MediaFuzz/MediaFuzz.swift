import Foundation
import Media

/// Damages small files of every format and gives them to all that opens files, in child processes: a crash, a hang, too much memory
/// or a file left behind is a finding. `MediaFuzz --seconds 60 --seed 1`; `--replay N` does one again; `--renders 500` sees
/// whether memory stays flat instead.
@main
struct MediaFuzz {
    static func main() async throws {
        var options = Options(CommandLine.arguments.dropFirst())
        if let first = options.child {
            return await Attempts(folder: options.folder, seed: options.seed).run(from: first)
        }
        if options.renders > 0 { exit(try await Flatness(renders: options.renders).isFlat() ? 0 : 1) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "media-fuzz-\(UUID().uuidString)")
        options.folder = folder.path(percentEncoded: false)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Corpus.make(in: options.folder + "/corpus")
        exit(try Watch(options).run() ? 0 : 1)
    }
}

struct Options {
    var seconds = 60.0
    var seed: UInt64 = 1
    var replay: Int?
    var renders = 0
    /// Set in a child: its first iteration.
    var child: Int?
    var folder = ""
    /// Where inputs that did harm are kept.
    var findings = "fuzz-findings"

    init(_ arguments: ArraySlice<String>) {
        var arguments = arguments
        while let name = arguments.popFirst() {
            guard let value = arguments.popFirst() else { Self.refuse("\(name) needs a value") }
            switch name {
            case "--seconds": seconds = Self.number(value)
            case "--seed": seed = UInt64(max(0, Self.number(value)))
            case "--replay": replay = Int(Self.number(value))
            case "--renders": renders = Int(Self.number(value))
            case "--child": child = Int(Self.number(value))
            case "--folder": folder = value
            case "--findings": findings = value
            default: Self.refuse("there is no option \(name)")
            }
        }
    }

    private static func number(_ text: String) -> Double {
        guard let value = Double(text), value >= 0, value < 1e12 else { refuse("\(text) is not a number") }
        return value
    }

    private static func refuse(_ reason: String) -> Never {
        FileHandle.standardError.write(Data("MediaFuzz: \(reason)\n".utf8))
        exit(2)
    }
}

/// Writes a line at once: whoever watches waits for it.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
