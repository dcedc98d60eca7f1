package import Media
package import Production

/// Makes the edit: what is seen, written and heard, and when. The same story, material, look and seed give the same cut,
/// another seed a different one.
package struct Editor: Sendable {
    package let format: CutFormat
    package let look: Channel.Look
    package let palette: Palette
    /// Under the title: the channel's name; empty for none.
    package let credit: String
    /// The job's: no two videos move alike.
    package let seed: UInt64

    package init(format: CutFormat, look: Channel.Look, palette: Palette, credit: String, seed: UInt64) {
        (self.format, self.look, self.palette, self.credit, self.seed) = (format, look, palette, credit, seed)
    }

    /// A job's seed. Scenes have neighbouring ones, which generated art takes to be different kinds of picture; the job
    /// spreads the rest.
    package static func seed(job: Int64) -> UInt64 { UInt64(bitPattern: job) &* 11 }

    /// Of what is made for one scene.
    package func seed(scene: Int) -> UInt64 { seed &+ UInt64(scene) }

    /// The longest film that is shown before or after the story, in seconds.
    package static let filmLimit = 20.0

    package func cut(
        _ storyboard: Storyboard, _ narration: Narration, _ material: Material
    ) throws(EditingError) -> Cut {
        guard !storyboard.scenes.isEmpty, storyboard.scenes.count == narration.scenes.count else {
            throw EditingError(
                "the storyboard has \(storyboard.scenes.count) scenes, the narration \(narration.scenes.count)")
        }
        guard material.scenes.count == storyboard.scenes.count else {
            throw EditingError(
                "the storyboard has \(storyboard.scenes.count) scenes, and there is material for \(material.scenes.count)"
            )
        }
        let timeline = timeline(narration, material)
        do {
            try look.captionStyle.check()
            return try Cut(
                size: format.size, frameRate: format.frameRate, shots: shots(timeline, material),
                titles: Titles(timeline: timeline, storyboard: storyboard, credit: credit).all,
                captions: Captions(timeline.words, style: look.captionStyle, in: format.size),
                logo: material.logo.map { Logo(file: $0) },
                hasProgressLine: look.hasProgressLine, fadeOut: timeline.frames(0.6), palette: colours,
                typeface: look.typeface ?? "Inter", sound: sound(timeline, material),
                chapters: Chapters.of(storyboard, timeline), encoding: format.encoding)
        } catch {
            throw EditingError(error.reason)
        }
    }

    /// The channel's palette as a cut has it.
    package var colours: Cut.Palette {
        Cut.Palette(
            accent: Colour(of: palette.accent), background: Colour(of: palette.colours[0]), text: Colour(0xFFFFFF))
    }

    private func frames(_ film: Film) -> Int {
        max(1, Int(min(film.duration, Self.filmLimit) * Double(format.frameRate)))
    }

    /// What is said, for a file of subtitles: a player sets it as it likes, whatever the captions in the picture look like.
    package func subtitles(_ narration: Narration, _ material: Material) -> Captions {
        Captions(timeline(narration, material).words)
    }

    private func timeline(_ narration: Narration, _ material: Material) -> Timeline {
        Timeline(
            narration, frameRate: format.frameRate, introFrames: material.intro.map(frames) ?? 0,
            outroFrames: material.outro.map(frames) ?? 0)
    }

    // MARK: Picture

    private func shots(_ timeline: Timeline, _ material: Material) -> [Shot] {
        var transitions = Transitions(look.transitions, seed: seed, frameRate: format.frameRate)
        var pieces: [(piece: ShotPlan.Piece, scene: Int, transition: Transition)] = []
        for scene in timeline.scenes.indices {
            for piece in ShotPlan(scene, of: timeline, showing: material.scenes[scene]).pieces {
                let transition: Transition =
                    if let rest = piece.rest {
                        transitions.within(at: rest)
                    } else if scene > 0 {
                        transitions.next(at: timeline.changes[scene - 1])
                    } else {
                        material.intro == nil ? .cut : transitions.atEdge(room: Timeline.leadIn)
                    }
                pieces.append((piece, scene, transition))
            }
        }
        let outro = material.outro.map { film in
            (film, timeline.storyEnd..<(timeline.storyEnd + timeline.outroFrames))
        }
        // What each lasts, and how it begins; then its source is known for how long it is seen.
        var spans = pieces.map { ($0.piece.frames, $0.transition) }
        if material.intro != nil { spans.insert((0..<timeline.introFrames, .cut), at: 0) }
        if let outro { spans.append((outro.1, transitions.atEdge(room: Timeline.tail))) }
        Self.shorten(&spans)
        let lead = material.intro == nil ? 0 : 1
        return spans.indices.map { index in
            let (frames, transition) = spans[index]
            let after = index + 1 < spans.count ? spans[index + 1].1.frames / 2 : 0
            let seconds = timeline.seconds(frames.count + transition.frames / 2 + after)
            let source: Shot.Source
            if pieces.indices.contains(index - lead) {
                let (piece, scene, _) = pieces[index - lead]
                source = self.source(piece, scene: scene, seconds: seconds)
            } else if let film = index < lead ? material.intro : outro?.0 {
                source = .clip(
                    Clip(
                        file: film.file, part: 0..<max(0.05, min(film.duration, Self.filmLimit)),
                        framing: View.framing(of: film, for: format.size)))
            } else {
                source = .plain(colours.background)
            }
            return Shot(source, frames: frames, transition: transition)
        }
    }

    /// No transition takes more than a third of the shots on its sides, so that two never meet.
    private static func shorten(_ spans: inout [(Range<Int>, Transition)]) {
        for index in spans.indices.dropFirst() {
            let shorter = min(spans[index - 1].0.count, spans[index].0.count)
            let transition = spans[index].1
            spans[index].1 = Transition(transition.kind, frames: min(transition.frames, 2 * (shorter / 3)))
        }
    }

    private func source(_ piece: ShotPlan.Piece, scene: Int, seconds: Double) -> Shot.Source {
        let seed = seed(scene: scene)
        switch piece.footage {
        case .still(let still):
            return .still(
                file: still.file,
                motion: View.motion(
                    over: still, for: format.size, seconds: seconds, view: piece.view, of: piece.viewCount, seed: seed))
        case .film(let film):
            return .clip(
                View.clip(
                    of: film, for: format.size, seconds: seconds, view: piece.view, of: piece.viewCount, seed: seed))
        case nil: return .plain(colours.background)
        }
    }

    // MARK: Sound

    private func sound(_ timeline: Timeline, _ material: Material) -> SoundTrack {
        var others: [SoundTrack.Part] = []
        if let intro = material.intro, intro.hasSound {
            others.append(part(of: intro, from: 0, frames: timeline.introFrames))
        }
        if let outro = material.outro, outro.hasSound {
            others.append(part(of: outro, from: timeline.storyEnd, frames: timeline.outroFrames))
        }
        return SoundTrack(
            narration: SoundTrack.Part(file: material.narration, start: timeline.narrationStart),
            music: music(material), others: others)
    }

    private func part(of film: Film, from start: Int, frames: Int) -> SoundTrack.Part {
        let rate = Double(format.frameRate)
        return SoundTrack.Part(file: film.file, start: Double(start) / rate, part: 0..<(Double(frames) / rate))
    }

    private func music(_ material: Material) -> SoundTrack.Music? {
        if let file = material.music { return SoundTrack.Music(.file(file)) }
        var dice = Dice(seed, "music")
        switch look.music {
        case .off: return nil
        case .composed(let mood): return SoundTrack.Music(.composed(seed: seed, mood: mood.media))
        // The channel's own files are not there: better an original piece than silence.
        case .automatic, .files:
            // Solemn is asked for, not happened upon.
            let mood = dice.pick([SoundTrack.Music.Mood.calm, .bright, .curious]) ?? .calm
            return SoundTrack.Music(.composed(seed: seed, mood: mood))
        }
    }

    /// Which of the channel's own pieces this video gets; nil where it has none.
    package var musicFile: String? {
        guard case .files(let files) = look.music else { return nil }
        var dice = Dice(seed, "own music")
        return dice.pick(files)
    }
}

extension Channel.Look {
    /// A design by its name; what is no name is a style of the channel's own.
    package var captionStyle: CaptionStyle {
        guard let captions else { return .quiet }
        return CaptionStyle.designs.first { $0.name == captions }?.style ?? .custom(ass: captions)
    }
}

extension Channel.Look.Mood {
    fileprivate var media: SoundTrack.Music.Mood {
        switch self {
        case .calm: .calm
        case .bright: .bright
        case .curious: .curious
        case .solemn: .solemn
        }
    }
}

extension Colour {
    fileprivate init(of colour: RGB) { self.init(red: colour.red, green: colour.green, blue: colour.blue) }
}
