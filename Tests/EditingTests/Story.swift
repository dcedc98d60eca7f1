import Editing
import Media
import Production

/// A story of so many scenes, spoken at the pace of a narrator: five words a sentence, a rest after each.
struct Story {
    var storyboard: Storyboard
    var narration: Narration

    /// - Parameters:
    ///   - pause: seconds between scenes.
    ///   - sentences: of each scene; a sentence takes two seconds.
    init(
        scenes: Int, sentences: Int = 4, pause: Double = 0.5, author: String? = nil, link: String? = nil,
        title: String? = nil
    ) {
        storyboard = Storyboard(
            title: "What the tide leaves behind", description: "", tags: [], language: "en",
            source: .init(key: "tide", title: title ?? "What the tide leaves behind", link: link, author: author),
            scenes: (0..<scenes).map { index in
                Storyboard.Scene(
                    kind: index == 0 ? .opening : index == scenes - 1 ? .closing : .body,
                    narration: Array(repeating: "One two three four five.", count: sentences).joined(separator: " "),
                    heading: index == 0 ? "" : "Part \(index)", picture: PictureBrief(about: "scene \(index)"))
            })
        var (words, spans): ([Narration.Word], [Narration.Span]) = ([], [])
        var time = 0.05
        for scene in storyboard.scenes.indices {
            let start = time
            for sentence in 0..<sentences {
                for word in 0..<5 {
                    words.append(
                        .init(text: word == 4 ? "five." : "word", scene: scene, start: time, end: time + 0.34))
                    time += word == 4 ? 0.34 : 0.36
                }
                if sentence < sentences - 1 { time += 0.28 }
            }
            spans.append(.init(start: start, end: time))
            time += pause
        }
        narration = Narration(voice: "test", duration: time - pause + 0.25, scenes: spans, words: words)
    }

    /// Each scene has one still of the size in which they are drawn.
    func stills(for format: CutFormat, focus: Box? = nil) -> Material {
        Material(
            narration: "narration.wav",
            scenes: storyboard.scenes.indices.map {
                [
                    .still(
                        Still(
                            file: "scene-\($0).png", width: format.pictureSize.width, height: format.pictureSize.height,
                            focus: focus))
                ]
            })
    }

    static let film = Film(
        file: "film.mp4", width: 1920, height: 1080, duration: 4, frameRate: 25, hasSound: true)
}

func format(_ orientation: Channel.Orientation = .landscape) throws(EditingError) -> CutFormat {
    guard let format = CutFormat(orientation) else { throw EditingError("no format") }
    return format
}

func editor(
    _ orientation: Channel.Orientation = .landscape, look: Channel.Look = .standard, seed: UInt64 = 7
) throws(EditingError) -> Editor {
    Editor(
        format: try format(orientation), look: look, palette: .ocean, credit: "Shorelines", seed: seed)
}
