import CFliteVoices
import CommandVoice
import Foundation
import Production
import Speech

@testable import OfflineVoice

/// A folder with a program that speaks, in place of one that would have to be installed: a shell script that knows some
/// texts and has a recording of each, made by a voice that is not the one the words are found by.
struct Workbench: ~Copyable {
    let folder: URL
    /// Of each scene that the program can speak, what it knows of it.
    private(set) var known: [Narration] = []

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "command-voice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var file: URL { folder.appending(path: "narration.wav") }

    /// A man from Scotland, who says the same every time.
    private static let scot = Flite(voice: "cmu_us_awb", register: { register_cmu_us_awb(nil) })

    /// Records each text in another voice than the one that finds its words: English by a Scot, all else by espeak-ng.
    mutating func record(_ scenes: [String], language: String) async throws {
        let voice = OfflineVoice(flite: Self.scot)
        for (index, scene) in scenes.enumerated() {
            let file = folder.appending(path: "\(index).wav")
            known.append(
                try await voice.speak(.fixture([scene], language: language), voice: nil, to: file))
            try Data(scene.utf8).write(to: folder.appending(path: "\(index).txt"))
        }
    }

    /// A shell script; `$folder` is the folder.
    func script(_ text: String) throws -> String {
        let file = folder.appending(path: "\(UUID().uuidString).sh")
        try Data("set -eu\nfolder='\(folder.path)'\n\(text)\n".utf8).write(to: file)
        return file.path
    }

    /// The shell's function `recording`: the path of the recording of the text it is given.
    static let recording = """
        recording() {
            for text in "$folder"/*.txt; do
                if [ "$1" = "$(cat "$text")" ]; then echo "${text%.txt}.wav"; return; fi
            done
            echo "there is no recording of: $1" >&2
            return 7
        }
        """
}

/// A narrator that calls one command for all languages.
func narrator(_ arguments: [String], timeLimit: Duration = .seconds(60)) throws -> CommandVoice {
    struct Unusable: Error {}
    guard let command = VoiceCommand(arguments, timeLimit: timeLimit) else { throw Unusable() }
    return CommandVoice(
        [CommandVoice.anyLanguage: command],
        environment: ProcessInfo.processInfo.environment.merging(["OPENAI_API_KEY": "canary"]) { $1 })
}

extension Storyboard {
    static func fixture(_ scenes: [String], language: String) -> Storyboard {
        Storyboard(
            title: "A title", description: "", tags: [], language: language,
            source: Source(key: "k", title: "A title", link: nil, author: nil),
            scenes: scenes.enumerated().map { index, text in
                Scene(
                    kind: index == 0 ? .opening : index == scenes.count - 1 ? .closing : .body, narration: text,
                    heading: "", picture: PictureBrief(about: ""))
            })
    }
}

enum Texts {
    static let english = [
        "In 1969, two people walked on the Moon for the first time. Half a billion others watched them do it, on screens that flickered in grey and white.",
        "Its software was woven by hand. Dr. Hamilton's team wrote the code, and workers in a factory threaded copper wires through tiny magnetic rings, one for each bit.",
        "That idea is still with us — even now. When a system can't do everything, it should do the most important thing first.",
    ]
    static let german = [
        "Im Jahr 1969 betraten zum ersten Mal zwei Menschen den Mond. Eine halbe Milliarde andere sahen ihnen dabei zu.",
        "Hat das funktioniert? Ja! Drei Minuten vor der Landung gab es einen Alarm, z. B. weil das Radar die Maschine mit Daten überflutete.",
    ]
}
