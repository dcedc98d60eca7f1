import Editing
import Media
import Production
import Testing

@Suite struct `Titles of a cut` {
    private func cut(_ story: Story, _ look: Channel.Look = .standard) throws -> Cut {
        try editor(look: look).cut(story.storyboard, story.narration, story.stills(for: format()))
    }

    @Test func `begin with a card and name each scene`() throws {
        let cut = try cut(Story(scenes: 4))
        #expect(cut.titles.map(\.kind) == [.card, .label, .label, .label])
        #expect(cut.titles.first?.detail == "Shorelines")
        #expect(zip(cut.titles, cut.titles.dropFirst()).allSatisfy { $0.frames.upperBound <= $1.frames.lowerBound })
    }

    @Test func `say where the story comes from, early in its first scene, before what the scene is about`() throws {
        let cut = try cut(Story(scenes: 4, author: "Mary Anning", link: "https://www.example.org/tide"))
        let index = try #require(cut.titles.firstIndex { $0.kind == .lowerThird })
        let third = cut.titles[index]
        #expect(third.text == "Mary Anning" && third.detail == "example.org")
        let scene = try #require(cut.shots.first { $0.source.file == "scene-1.png" })
        #expect(third.frames.lowerBound >= scene.frames.lowerBound)
        #expect(third.frames.lowerBound < scene.frames.lowerBound + 30)
        #expect(cut.titles.filter { $0.kind == .label }.allSatisfy { !$0.frames.overlaps(third.frames) })
    }

    @Test func `are fit into the shortest of stories`() throws {
        var story = Story(scenes: 1, sentences: 1)
        story.narration.duration = 0.4
        story.narration.words = [.init(text: "Tide.", scene: 0, start: 0, end: 0.3)]
        story.narration.scenes = [.init(start: 0, end: 0.3)]
        let cut = try cut(story)
        #expect(cut.titles.count == 1)
        #expect(cut.titles[0].frames.upperBound < cut.frameCount)
        #expect(cut.chapters.isEmpty, "YouTube shows no chapters of a video so short")
    }

    @Test func `leave out what the channel does not want`() throws {
        let cut = try cut(
            Story(scenes: 2), Channel.Look(typeface: "Serif", music: .off, hasProgressLine: false))
        #expect(!cut.hasProgressLine && cut.sound.music == nil && cut.typeface == "Serif" && cut.logo == nil)
    }

    @Test func `belong to a story that is spoken as it is written`() throws {
        let (three, two) = (Story(scenes: 3), Story(scenes: 2))
        #expect(throws: EditingError("the storyboard has 3 scenes, the narration 2")) {
            try editor().cut(three.storyboard, two.narration, three.stills(for: format()))
        }
    }
}

extension Shot.Source {
    fileprivate var file: String? {
        switch self {
        case .still(let file, _): file
        case .clip(let clip): clip.file
        case .plain: nil
        }
    }
}
