import Foundation
import Media
import Production

/// What is written beside the captions: the title at the beginning, where the story comes from, what each scene is about.
struct Titles {
    let timeline: Timeline
    let storyboard: Storyboard
    /// Who shows it: the channel's name; empty for nobody.
    let credit: String

    /// Seconds.
    private static let cardLength = 3.8
    private static let labelLength = 5.0
    private static let leastLength = 1.2
    /// Between two titles.
    private static let gap = 0.4

    var all: [Title] {
        guard let first = timeline.scenes.first else { return [] }
        let story = timeline.storyEnd - first.lowerBound
        let card = first.lowerBound..<(first.lowerBound + max(1, min(frames(Self.cardLength), story * 2 / 5)))
        var titles = [Title(.card, storyboard.title, detail: credit, frames: card)]
        let source = source(after: card)
        titles += source.map { [$0.title] } ?? []
        for (index, scene) in storyboard.scenes.enumerated().dropFirst() where !scene.heading.isBlank {
            let shown = timeline.scenes[index]
            var start = max(shown.lowerBound + frames(0.25), card.upperBound)
            if let source, source.scene == index { start = source.title.frames.upperBound + frames(Self.gap) }
            let isLast = shown.upperBound == timeline.storyEnd
            let stop = min(shown.upperBound - frames(isLast ? 0.8 : 0.2), start + frames(Self.labelLength))
            guard stop - start > frames(Self.leastLength) else { continue }
            titles.append(Title(.label, scene.heading, frames: start..<stop))
        }
        return titles
    }

    /// Early in the first scene that tells the story; nil where nothing is known of the source, or there is no room.
    private func source(after card: Range<Int>) -> (title: Title, scene: Int)? {
        let scenes = storyboard.scenes
        guard let index = scenes.firstIndex(where: { $0.kind == .body }) ?? (scenes.count > 1 ? 1 : nil),
            let (text, detail) = attribution
        else { return nil }
        let shown = timeline.scenes[index]
        let start = max(shown.lowerBound + frames(0.6), card.upperBound + frames(Self.gap))
        let stop = min(shown.upperBound - frames(0.3), start + frames(Self.labelLength))
        guard stop - start >= frames(2 * Self.leastLength) else { return nil }
        return (Title(.lowerThird, text, detail: detail, frames: start..<stop), index)
    }

    /// Who wrote it, else where it stands; and what it is called, where that is not the video's title already.
    private var attribution: (text: String, detail: String)? {
        let source = storyboard.source
        let host = source.link.flatMap { URL(string: $0)?.host() }
            .map { $0.hasPrefix("www.") ? String($0.dropFirst(4)) : $0 }
        let author = source.author.flatMap { $0.isBlank ? nil : $0 }
        let title = source.title.isBlank || source.title == storyboard.title ? nil : source.title
        let parts = [author, host, title].compactMap { $0 }
        return parts.first.map { ($0, parts.dropFirst().first ?? "") }
    }

    private func frames(_ seconds: Double) -> Int { timeline.frames(seconds) }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
