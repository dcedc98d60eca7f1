import Editing
import Media
import Production
import Testing

@Suite struct `Films in a cut` {
    private func clips(of film: Film, sentences: Int = 2, in orientation: Channel.Orientation = .landscape) throws
        -> [(clip: Clip, seconds: Double)]
    {
        let story = Story(scenes: 1, sentences: sentences)
        let cut = try editor(orientation).cut(
            story.storyboard, story.narration, Material(narration: "n.wav", scenes: [[.film(film)]]))
        return cut.shots.compactMap { shot in
            if case .clip(let clip) = shot.source { (clip, Double(shot.frames.count) / 30) } else { nil }
        }
    }

    private func film(_ seconds: Double, rate: Double = 25, width: Int = 1920, height: Int = 1080) -> Film {
        Film(file: "f.mp4", width: width, height: height, duration: seconds, frameRate: rate, hasSound: false)
    }

    @Test func `are trimmed where they are longer than the scene`() throws {
        let (clip, seconds) = try #require(try clips(of: film(60)).first)
        #expect(clip.speed == 1 && !clip.loops)
        #expect(abs(clip.part.upperBound - clip.part.lowerBound - seconds) < 0.1)
        #expect(clip.part.upperBound <= 60)
    }

    @Test func `are slowed where a little is missing, but never below 24 pictures a second`() throws {
        let (clip, seconds) = try #require(try clips(of: film(5.4)).first)
        #expect(clip.speed < 1 && clip.speed >= 0.8 && !clip.loops)
        #expect(abs(clip.time(at: seconds) - clip.part.upperBound) < 0.1, "its end is reached as the scene ends")
        let (quick, _) = try #require(try clips(of: film(3.4, rate: 60)).first)
        #expect(quick.speed < 0.7 && !quick.loops)
    }

    @Test func `begin again where much is missing`() throws {
        let (clip, _) = try #require(try clips(of: film(1.5)).first)
        #expect(clip.speed == 1 && clip.loops && clip.part.lowerBound == 0)
    }

    @Test func `are seen whole where the frame would cut too much of them`() throws {
        #expect(try clips(of: film(60)).first?.clip.framing == .fill)
        #expect(try clips(of: film(60), in: .portrait).first?.clip.framing == .fit)
        #expect(try clips(of: film(60, width: 1440, height: 1080)).first?.clip.framing == .fill)
    }

    @Test func `show other parts of themselves in a long scene`() throws {
        let clips = try clips(of: film(120), sentences: 16)
        #expect(clips.count > 1)
        #expect(zip(clips, clips.dropFirst()).allSatisfy { $0.clip.part.upperBound <= $1.clip.part.lowerBound })
    }

    @Test func `before and after the story move all that is said, and are heard themselves`() throws {
        let story = Story(scenes: 3)
        let plain = try editor().cut(story.storyboard, story.narration, story.stills(for: format()))
        var material = story.stills(for: try format())
        (material.intro, material.outro) = (Story.film, Story.film)
        let cut = try editor().cut(story.storyboard, story.narration, material)
        #expect(cut.frameCount == plain.frameCount + 240)
        #expect(cut.shots.first?.frames == 0..<120)
        #expect(cut.sound.narration?.start == 4.5)
        #expect(
            cut.sound.others == [
                SoundTrack.Part(file: "film.mp4", start: 0, part: 0..<4),
                SoundTrack.Part(file: "film.mp4", start: Double(cut.frameCount - 120) / 30, part: 0..<4),
            ])
        let (moved, still) = (try #require(cut.captions.pages.first), try #require(plain.captions.pages.first))
        #expect(abs(moved.start - still.start - 4) < 1e-9)
        #expect(cut.titles.first?.frames.lowerBound == 120)
        #expect(cut.titles.allSatisfy { $0.frames.upperBound <= cut.frameCount - 120 })
        // Out of the intro the first word is not yet spoken.
        let half = try #require(cut.shots.dropFirst().first).transition.frames / 2
        #expect(half > 0 && Double(120 + half) / 30 <= 4.5)
    }
}
