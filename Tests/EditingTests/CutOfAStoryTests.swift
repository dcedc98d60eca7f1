import Editing
import Foundation
import Media
import Production
import Testing

@Suite struct `The cut of a story` {
    /// Frames of the video in which a word is spoken that lie under a transition.
    private func coveredWords(_ cut: Cut, _ narration: Narration) -> [String] {
        let start = cut.sound.narration?.start ?? 0
        var covered: [String] = []
        for shot in cut.shots.dropFirst() where shot.transition.frames > 0 {
            let half = shot.transition.frames / 2
            let from = Double(shot.frames.lowerBound - half) / Double(cut.frameRate)
            let to = Double(shot.frames.lowerBound + half) / Double(cut.frameRate)
            covered += narration.words.filter { $0.start + start < to - 1e-9 && $0.end + start > from + 1e-9 }
                .map { "\($0.text) at \($0.start + start) under \(from)…\(to)" }
        }
        return covered
    }

    @Test(arguments: [1, 2, 5, 40], Channel.Orientation.allCases)
    func `covers every frame, and no word lies under a transition`(
        scenes: Int, orientation: Channel.Orientation
    ) throws {
        let story = Story(scenes: scenes)
        let editor = try editor(orientation)
        // A cut that exists has shots without gaps from frame 0, and transitions that never meet.
        let cut = try editor.cut(story.storyboard, story.narration, story.stills(for: editor.format))
        #expect(cut.size == editor.format.size)
        #expect(abs(cut.duration - (0.5 + story.narration.duration + 1.2)) < 1.0 / 30 + 1e-9)
        #expect(coveredWords(cut, story.narration).isEmpty)
        let used = Set(
            cut.shots.compactMap { shot in
                if case .still(let file, _) = shot.source { file } else { nil as String? }
            })
        #expect(used.count == scenes, "each scene's picture is seen")
        #expect(cut.shots.filter { $0.transition.kind == .cut }.count <= 1, "only the first picture begins at once")
    }

    @Test func `goes on for ten minutes without a shot that lasts too long`() throws {
        let story = Story(scenes: 20, sentences: 14)
        let editor = try editor()
        let cut = try editor.cut(story.storyboard, story.narration, story.stills(for: editor.format))
        #expect((580...660).contains(cut.duration))
        #expect(coveredWords(cut, story.narration).isEmpty)
        let lengths = cut.shots.map { Double($0.frames.count) / 30 }
        #expect(lengths.allSatisfy { (2...14).contains($0) }, "\(lengths)")
        #expect(cut.chapters.count == 20)
        #expect(zip(cut.chapters, cut.chapters.dropFirst()).allSatisfy { $1.start - $0.start >= 10 })
        #expect(cut.chapters.first == Chapter(start: 0, title: story.storyboard.title))
    }

    @Test func `changes at once where the voice does not rest`() throws {
        let story = Story(scenes: 4, sentences: 1, pause: 0.02)
        let editor = try editor()
        let cut = try editor.cut(story.storyboard, story.narration, story.stills(for: editor.format))
        #expect(cut.shots.map(\.transition) == Array(repeating: .cut, count: 4))
        #expect(coveredWords(cut, story.narration).isEmpty)
    }

    @Test func `is the same for the same job, and another one for another job`() throws {
        let story = Story(scenes: 6)
        let material = story.stills(for: try format())
        let cuts = try [7, 7, 18].map { seed in
            try editor(seed: seed).cut(story.storyboard, story.narration, material)
        }
        #expect(cuts[0] == cuts[1])
        let moves = cuts.map { cut in
            cut.shots.compactMap { shot in
                if case .still(_, let motion) = shot.source { motion } else { nil as Motion? }
            }
        }
        #expect(zip(moves[0], moves[2]).allSatisfy { $0 != $1 }, "no picture moves alike")
        #expect(cuts[0].sound.music != cuts[2].sound.music)
    }

    @Test func `uses quiet transitions, mostly dissolves, and none where the channel wants cuts`() throws {
        let story = Story(scenes: 40, sentences: 1)
        let material = story.stills(for: try format())
        var kinds: [Transition.Kind: Int] = [:]
        for seed in 1...8 as ClosedRange<UInt64> {
            let cut = try editor(seed: seed).cut(story.storyboard, story.narration, material)
            for shot in cut.shots.dropFirst() { kinds[shot.transition.kind, default: 0] += 1 }
            let unusual = cut.shots.dropFirst().map { $0.transition.kind != .dissolve }
            #expect(!zip(unusual, unusual.dropFirst()).contains { $0 && $1 }, "one unusual transition after another")
        }
        let all = kinds.values.reduce(0, +)
        #expect((kinds[.dissolve] ?? 0) * 100 > 65 * all && (kinds[.dissolve] ?? 0) * 100 < 97 * all, "\(kinds)")
        #expect(kinds[.dip] != nil && kinds[.wipe] != nil && kinds[.push] != nil)

        let plain = try editor(look: Channel.Look(transitions: .cuts)).cut(story.storyboard, story.narration, material)
        #expect(plain.shots.allSatisfy { $0.transition == .cut })
    }

    @Test func `shows a long scene's picture in several framings that keep the focus in sight`() throws {
        let story = Story(scenes: 2, sentences: 9)
        let face = Box(left: 0.55, top: 0.3, width: 0.2, height: 0.25)
        let editor = try editor()
        let cut = try editor.cut(story.storyboard, story.narration, story.stills(for: editor.format, focus: face))
        let first = cut.shots.compactMap { shot in
            if case .still("scene-0.png", let motion) = shot.source { motion } else { nil as Motion? }
        }
        #expect(first.count == 3)
        let widths = first.map(\.start.width)
        #expect((widths.max() ?? 0) / (widths.min() ?? 1) > 1.15, "from nearer by and from further away: \(widths)")
        for motion in first {
            for box in [motion.start, motion.end] {
                #expect(box.left <= face.left + 1e-6 && box.right >= face.right - 1e-6)
                #expect(box.top <= face.top + 1e-6 && box.bottom >= face.bottom - 1e-6)
            }
        }
    }

    @Test func `shares a scene among its pictures and films`() throws {
        let story = Story(scenes: 1, sentences: 6)
        let editor = try editor()
        var material = story.stills(for: editor.format)
        material.scenes[0] += [
            .film(Story.film), .still(Still(file: "b.png", width: 800, height: 600)),
        ]
        let cut = try editor.cut(story.storyboard, story.narration, material)
        let files = cut.shots.map { shot in
            switch shot.source {
            case .still(let file, _): file
            case .clip(let clip): clip.file
            case .plain: "plain"
            }
        }
        #expect(files == ["scene-0.png", "film.mp4", "b.png"])
        let lengths = cut.shots.map(\.frames.count)
        #expect((lengths.max() ?? 0) < 2 * (lengths.min() ?? 0), "\(lengths)")
    }
}
