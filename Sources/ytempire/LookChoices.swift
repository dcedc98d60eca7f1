import ArgumentParser
import Foundation
import Media
import Production
import Studio

/// What may be chosen of how videos look and sound; whatever is not given stays.
struct LookChoices: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Captions: \(CaptionNames.known.joined(separator: ", ")); or a style of your own, the 22 fields from Fontname to Encoding of an ASS style.",
            valueName: "style"))
    var captions: String?
    @Option(help: ArgumentHelp("A font family, installed where videos are rendered.", valueName: "family"))
    var typeface: String?
    @Option(
        help: ArgumentHelp(
            "Music: automatic (composed for each video), calm, bright, curious, solemn, off; or a sound file of your own, several times for several.",
            valueName: "mood-or-path"))
    var music: [String] = []
    @Option(help: ArgumentHelp("A picture for the upper right corner; none takes it away.", valueName: "path"))
    var logo: String?
    @Option(help: ArgumentHelp("A film before the story; none takes it away.", valueName: "path"))
    var intro: String?
    @Option(help: ArgumentHelp("A film after the story; none takes it away.", valueName: "path"))
    var outro: String?
    @Flag(inversion: .prefixedNo, help: "A thin line that grows along the lower edge.")
    var progressLine: Bool?
    @Option(help: "quiet (one picture becomes the next) or cuts.")
    var transitions: Channel.Look.Transitions?

    var isEmpty: Bool {
        captions == nil && typeface == nil && music.isEmpty && logo == nil && intro == nil && outro == nil
            && progressLine == nil && transitions == nil
    }

    func validate() throws {
        if let captions { try CaptionNames.check(captions) }
        if let typeface, typeface.allSatisfy(\.isWhitespace) || typeface.contains(",") {
            throw ValidationError(
                "--typeface is one font family, such as Inter; `fc-list : family` shows what is there.")
        }
        if music.count > 1, let word = music.first(where: { Self.isMood($0) }) {
            throw ValidationError("--music is one mood, or files of your own; not \(word) among others.")
        }
    }

    private static func isMood(_ word: String) -> Bool {
        word == "automatic" || word == "off" || Channel.Look.Mood(rawValue: word) != nil
    }

    /// A look with these choices in the place of its own. Paths become absolute: workers run elsewhere.
    func applied(to old: Channel.Look) -> Channel.Look {
        var look = old
        if let captions { look.captions = captions == CaptionNames.standard ? nil : captions }
        if let typeface { look.typeface = typeface == "Inter" ? nil : typeface }
        if let logo { look.logo = path(logo) }
        if let intro { look.intro = path(intro) }
        if let outro { look.outro = path(outro) }
        if let progressLine { look.hasProgressLine = progressLine }
        if let transitions { look.transitions = transitions }
        switch music.first {
        case nil: break
        case "automatic": look.music = .automatic
        case "off": look.music = .off
        case let word?:
            look.music =
                Channel.Look.Mood(rawValue: word).map { .composed($0) } ?? .files(music.compactMap { path($0) })
        }
        return look
    }

    /// The files that were named, as they stand in `look`.
    func files(of look: Channel.Look) -> [LookFile] {
        var files: [LookFile] = []
        if logo != nil, let logo = look.logo { files.append(LookFile(.logo, logo)) }
        if intro != nil, let intro = look.intro { files.append(LookFile(.intro, intro)) }
        if outro != nil, let outro = look.outro { files.append(LookFile(.outro, outro)) }
        if !music.isEmpty, case .files(let music) = look.music { files += music.map { LookFile(.music, $0) } }
        return files
    }

    private func path(_ text: String) -> String? {
        text == "none" ? nil : URL(filePath: text).standardizedFileURL.path(percentEncoded: false)
    }
}

/// The caption styles, as people name them.
enum CaptionNames {
    static let standard = "quiet"
    static let known = CaptionStyle.designs.map(\.name)

    static func check(_ text: String) throws {
        guard !known.contains(text) else { return }
        do {
            try CaptionStyle.custom(ass: text).check()
        } catch {
            throw ValidationError(
                text.contains(",")
                    ? "--captions is no ASS style: \(error.reason)"
                    : "--captions is \(known.joined(separator: ", ")), or an ASS style, not \"\(text)\".")
        }
    }
}

/// What this host finds of a look's file. Another host may see something else, so it is told and never refused.
struct LookCheck: Encodable {
    let purpose: LookFile.Purpose
    let path: String
    /// What it is; nil where it can't be used.
    let found: String?
    let problem: String?

    init(of file: LookFile) async {
        (purpose, path) = (file.purpose, file.path)
        do {
            (found, problem) = (try await file.check(), nil)
        } catch {
            let reason = error.code == .unreadable ? "it can't be read: \(error.reason)" : error.reason
            (found, problem) = (nil, reason)
        }
    }

    /// `logo: 400×400, readable from here`
    var text: String {
        if let problem { return "WARNING, as seen from this host: \(purpose.rawValue) \(path): \(problem)" }
        return "\(purpose.rawValue): \(found ?? ""), readable from here"
    }
}

extension Channel.Look {
    /// In words, one for each choice.
    var words: [(String, String)] {
        let heard =
            switch music {
            case .automatic: "composed for each video"
            case .composed(let mood): "composed, \(mood.rawValue)"
            case .files(let files): files.joined(separator: ", ")
            case .off: "none"
            }
        return [
            ("captions", captions ?? CaptionNames.standard), ("typeface", typeface ?? "Inter"), ("music", heard),
            ("logo", logo ?? "none"), ("intro", intro ?? "none"), ("outro", outro ?? "none"),
            ("progress-line", hasProgressLine ? "yes" : "no"),
            ("transitions", transitions == .quiet ? "quiet" : "cuts only"),
        ]
    }
}

extension Channel.Look.Transitions: ExpressibleByArgument {}
