import Media
import Production

/// The places that a viewer can jump to, by YouTube's rules: the first at the beginning, three at least, each ten seconds long
/// (https://support.google.com/youtube/answer/9884579).
enum Chapters {
    private static let leastLength = 10.0
    private static let leastCount = 3

    /// The scenes that have a heading begin one. None at all where YouTube would not show them.
    static func of(_ storyboard: Storyboard, _ timeline: Timeline) -> [Chapter] {
        var chapters = [Chapter(start: 0, title: storyboard.title)]
        let end = timeline.seconds(timeline.storyEnd + timeline.outroFrames)
        for (scene, frames) in zip(storyboard.scenes, timeline.scenes).dropFirst() where !scene.heading.isBlank {
            let start = timeline.seconds(frames.lowerBound)
            guard start - (chapters.last?.start ?? 0) >= leastLength, end - start >= leastLength else { continue }
            chapters.append(Chapter(start: start, title: scene.heading))
        }
        return chapters.count < leastCount ? [] : chapters
    }
}
