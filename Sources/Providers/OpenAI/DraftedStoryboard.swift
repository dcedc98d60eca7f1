import OfflineScript
import Production

extension StoryDraft {
    /// The storyboard of a draft that was found to be in order: with attribution and link as every other, spoken at its end and
    /// written in its description, and the channel's own pictures where they belong.
    func storyboard(for brief: ScriptBrief) -> Storyboard {
        let files = Self.files(brief.story, scenes)
        var result: [Storyboard.Scene] = []
        for (place, scene) in scenes.enumerated() {
            let searches = scene.search.map(Self.oneLine).filter { !$0.isEmpty }
            let further = (files[place] == nil ? searches.dropFirst() : searches[...]).prefix(2).map {
                PictureBrief(about: String($0.prefix(100)))
            }
            result.append(
                Storyboard.Scene(
                    kind: place == 0 ? .opening : place == scenes.count - 1 ? .closing : .body,
                    narration: Self.oneLine(scene.narration), heading: Self.oneLine(scene.heading),
                    picture: PictureBrief(about: String((searches.first ?? "").prefix(100)), file: files[place]),
                    further: further.isEmpty ? nil : Array(further), phrases: []))
        }
        if let attribution = brief.story.attribution, !result.isEmpty {
            result[result.count - 1].narration += " " + attribution
            result[result.count - 1].phrases = [attribution]
        }
        return Storyboard(
            title: VideoText.title(title), description: brief.story.description(Self.oneLine(description)),
            tags: VideoText.tags(tags), language: brief.channel.language, source: brief.story.source, scenes: result
        ).framed(by: brief.channel.brief)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Each picture goes to the scene that shares most with the sentence it stands at, and has no picture yet; one that shares
    /// nothing with any is left out.
    private static func files(_ story: SourceStory, _ scenes: [Scene]) -> [Int: String] {
        let words = scenes.map { telling($0.narration + " " + $0.heading) }
        var files: [Int: String] = [:]
        for picture in story.pictures {
            let wanted = telling(picture.sentence)
            let free = scenes.indices.filter { files[$0] == nil }
            let best = free.max { words[$0].intersection(wanted).count < words[$1].intersection(wanted).count }
            guard let best, !words[best].isDisjoint(with: wanted) else { continue }
            files[best] = picture.file
        }
        return files
    }

    private static func telling(_ text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter }.filter { $0.count > 4 }.map(String.init))
    }
}
