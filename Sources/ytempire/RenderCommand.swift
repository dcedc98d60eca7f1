import ArgumentParser
import Editing
import Fleet
import Foundation
import GeneratedArt
import Media
import OfflineVoice
import Production
import Studio
import Telemetry

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render", abstract: "Make a video of a storyboard, here and now, without a fleet.",
        discussion: """
            No server and no account is needed: the offline voice speaks, and pictures are drawn where the storyboard names \
            none. The least storyboard is a title and scenes:

              {"title": "Tides", "scenes": [{"narration": "The sea comes and goes.", "picture": "sea.jpg"}]}

            A scene may also have a heading, and further pictures or films. The stored storyboard of any job is one, too. \
            Ctrl-C leaves nothing behind.

            Examples:
              ytempire render tides.json -o tides.mp4
              ytempire render tides.json -o draft.mp4 --preview --contact-sheet draft.png
              ytempire render tides.json -o tides.mp4 --orientation portrait --palette ember --music calm
              ytempire render tides.json -o tides.mp4 --sound voice.wav --narration timings.json
            """)

    struct Files: ParsableArguments {
        @Option(name: .shortAndLong, help: ArgumentHelp("The video.", valueName: "file.mp4")) var output: String
        @Option(help: ArgumentHelp("Where to draw the video at a glance, PNG or JPEG.", valueName: "file.png"))
        var contactSheet: String?
        @Option(help: ArgumentHelp("Where to write the edit as JSON.", valueName: "file.json")) var cut: String?
        @Option(help: ArgumentHelp("Where to write the captions, SubRip or WebVTT.", valueName: "file.srt"))
        var subtitles: String?
        @Option(help: ArgumentHelp("Where to write the thumbnail.", valueName: "file.jpg")) var thumbnail: String?
    }

    struct Voice: ParsableArguments {
        @Option(help: "The voice's name. Default: the best one for the language.") var voice: String?
        @Option(help: ArgumentHelp("Your own narration instead; with --narration.", valueName: "file.wav"))
        var sound: String?
        @Option(
            help: ArgumentHelp(
                "When each of its scenes and words is heard: a job's `timings` artifact, or the same JSON.",
                valueName: "file.json"))
        var narration: String?

        func validate() throws {
            guard (sound == nil) == (narration == nil) else {
                throw ValidationError("A narration of your own takes both --sound and --narration.")
            }
        }
    }

    @Argument(help: ArgumentHelp("The storyboard.", valueName: "storyboard.json")) var storyboard: String
    @OptionGroup(title: "What to write") var files: Files
    @Flag(help: "Small and quick: the same edit with a sixth of the pixels and half the frames.") var preview = false
    @Option(help: "landscape (16:9), portrait (9:16) or square (1:1).") var orientation = Channel.Orientation.landscape
    @Option(help: "The colours: \(Palette.allCases.map(\.rawValue).joined(separator: ", ")).") var palette = Palette
        .ocean
    @Option(help: "Written small under the title.") var credit = ""
    @Option(help: "Another number is another edit of the same story.") var seed: UInt64 = 1
    @OptionGroup(title: "Who speaks") var voice: Voice
    @OptionGroup(title: "How it looks and sounds") var look: LookChoices
    @OptionGroup var options: CommandOptions

    /// What is printed in the end.
    private struct Told: Encodable {
        var output: String
        var report: RenderReport
        var chapters: [Chapter]
        /// What was wanted and could not be used.
        var leftOut: [String]
    }

    func run() async throws {
        let storyboard = try StoryboardFile.read(storyboard)
        let settings = try await options.fleet.configuration().render
        let told: Told?
        do {
            told = try await Interruption.cancelling { try await make(storyboard, settings) }
        } catch let failure as StageFailure {
            complain("\(failure.asked): \(failure.answer)")
            throw ExitCode.failure
        } catch let error as MediaError {
            complain("\(error)")
            throw ExitCode.failure
        } catch let error as EditingError {
            complain("the cut can't be made: \(error)")
            throw ExitCode.failure
        }
        guard let told else {
            complain("interrupted; nothing is left behind")
            throw ExitCode(130)
        }
        for problem in told.leftOut { complain("left out: \(problem)") }
        if options.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(told), as: UTF8.self))
        } else {
            let report = told.report
            print(
                "\(told.output): \(Phrases.length(report.duration)), \(report.width)×\(report.height), "
                    + "\(Phrases.bytes(report.bytes)), by \(report.encoder) in \(Phrases.duration(report.wallSeconds)), "
                    + "\(report.renderSpeed.formatted(decimals: 1))× realtime")
        }
    }

    private func make(_ storyboard: Storyboard, _ settings: FleetConfiguration.Render) async throws -> Told {
        let output = URL(filePath: files.output)
        let folder = output.deletingLastPathComponent()
            .appending(path: ".\(output.lastPathComponent).\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        } catch {
            throw MediaError(.unwritable, "make folder", file: folder.path, reason: error.localizedDescription)
        }
        defer { try? FileManager.default.removeItem(at: folder) }

        let editor = try editor(settings)
        let bar = RenderBar(frameRate: editor.format.frameRate)
        defer { bar.clear() }
        bar.say("speaking …")
        let (narration, sound) = try await narration(of: storyboard, in: folder)
        let maker = VideoMaker(
            editor: editor, gatherer: Gatherer(illustrator: GeneratedArt(), folder: folder),
            renderer: VideoRenderer(
                ladder: EncoderLadder(
                    slots: EncoderSlots(folder: settings.gpuSlotsPath, count: settings.gpuSlots)),
                lanes: settings.lanes))
        let video = try await maker.make(storyboard, narration, sound: sound, to: files.output) { progress in
            switch progress {
            case .pictures(let done, let count): bar.say("picture \(done) of \(count) …")
            case .frames(let progress): bar.show(progress)
            }
        }
        if files.contactSheet != nil { bar.say("contact sheet …") }
        try await writeOthers(video, of: storyboard, editor)
        return Told(
            output: files.output, report: video.report, chapters: video.cut.chapters,
            leftOut: video.gathering.leftOut)
    }

    private func editor(_ settings: FleetConfiguration.Render) throws -> Editor {
        let encoding = VideoEncoding(
            preference: settings.encoder == .automatic ? .automatic : .software,
            preset: VideoEncoding.Preset(rawValue: settings.preset.rawValue) ?? .veryfast)
        let format =
            preview
            ? CutFormat.preview(orientation, encoding: encoding)
            : CutFormat(orientation, shortSide: settings.shortSide, encoding: encoding)
        guard let format else { throw EditingError("render.short-side \(settings.shortSide) makes no frame") }
        return Editor(
            format: format, look: look.applied(to: .standard), palette: palette, credit: credit,
            seed: Editor.seed(job: Int64(bitPattern: seed)))
    }

    private func narration(of storyboard: Storyboard, in folder: URL) async throws -> (Narration, sound: String) {
        guard let sound = voice.sound, let timings = voice.narration else {
            let file = folder.appending(path: "narration.wav")
            let narration = try await OfflineVoice().speak(storyboard, voice: voice.voice, to: file)
            return (narration, file.path(percentEncoded: false))
        }
        do {
            let bytes = try Data(contentsOf: URL(filePath: timings))
            return (try JSONDecoder().decode(Narration.self, from: bytes), sound)
        } catch let error as DecodingError {
            throw EditingError("\(timings) holds no timings: \(StoryboardFile.reason(of: error))")
        } catch {
            throw EditingError("\(timings) can't be read: \(error.localizedDescription)")
        }
    }

    private func writeOthers(
        _ video: VideoMaker.Video, of storyboard: Storyboard, _ editor: Editor
    ) async throws {
        func write(_ text: String, to path: String) throws {
            do {
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            } catch {
                throw MediaError(.unwritable, "write", file: path, reason: error.localizedDescription)
            }
        }
        if let path = files.subtitles {
            try write(path.lowercased().hasSuffix(".vtt") ? video.subtitles.webVTT : video.subtitles.srt, to: path)
        }
        if let path = files.cut {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try write(String(decoding: try encoder.encode(video.namedCut), as: UTF8.self) + "\n", to: path)
        }
        if let path = files.contactSheet { try await ContactSheet(video.cut).write(to: path) }
        if let path = files.thumbnail {
            try await Thumbnail(picture: video.gathering.thumbnail, title: storyboard.title, palette: editor.colours)
                .write(to: path)
        }
    }

    private func complain(_ message: String) { writeToStandardError("ytempire: \(message)\n") }
}
