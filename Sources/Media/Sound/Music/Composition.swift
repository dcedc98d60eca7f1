/// A note to be played.
struct Note: Sendable, Equatable {
    enum Instrument: Sendable, CaseIterable { case chords, strings, bells, bass }

    let instrument: Instrument
    /// Seconds of the piece.
    let start: Double
    let length: Double
    /// Semitones; 69 has 440 Hz.
    let pitch: Int
    /// 0 to 1.
    let strength: Double
    /// -1 left to 1 right.
    let place: Double
}

/// A piece of music, written for a mood and a length: its seed decides key, tempo, chords, figures and form. Eight bars
/// form a section; each has its own combination of parts, figures and melody, so that minutes of it do not repeat. In the end
/// it comes home and rings out. A value: each bar can be asked for by itself, at any time.
struct Composition: Sendable {
    let seed: UInt64
    let style: MusicStyle
    /// Seconds.
    let duration: Double
    let key: Key
    /// Quarters in a bar.
    let meter: Int
    /// Seconds of a bar.
    let barLength: Double
    /// Bars before the last chord.
    let bars: Int

    static let barsInSection = 8
    /// Seconds for the last chord to ring out.
    private static let ending = 1.5...6.0
    /// The lowest notes of the parts: the chords lie below the middle of a voice's overtones, the bells above.
    private static let (chordWindow, stringWindow, bellWindow, bassWindow) = (52, 60, 72, 34)

    init(seed: UInt64, mood: SoundTrack.Music.Mood, duration: Double) {
        // The same seed in another mood is another piece, not the same one dressed otherwise.
        let place = SoundTrack.Music.Mood.allCases.firstIndex(of: mood) ?? 0
        self.seed = seed &+ UInt64(place) &* 0x2545_F491_4F6C_DD1D
        self.duration = duration
        style = MusicStyle.of(mood)
        var choices = SeededChoices(self.seed, 1)
        key = Key(root: choices.integer(53...64), semitones: style.scale)
        meter = choices.one(of: style.meters)
        // The tempo gives way a little, so that the last bar ends when the video is about to.
        let natural = Double(meter) * 60 / choices.number(style.tempo)
        let end = min(max(duration * 0.12, Self.ending.lowerBound), Self.ending.upperBound)
        bars = max(0, Int(((duration - end) / natural).rounded()))
        barLength = bars > 0 ? (duration - end) / Double(bars) : natural
    }

    /// The chord of a bar; the one after the last bar is home.
    func chord(_ bar: Int) -> Chord {
        if bar >= bars { return style.home }
        var choices = SeededChoices(seed, 2)
        let order = choices.shuffled(style.progressions)
        if bar == bars - 1, bars > 2 { return choices.one(of: style.cadences) }
        // Two progressions take turns, and every fourth section brings a third.
        let section = bar / Self.barsInSection
        let progression = order[section % 4 == 3 ? 2 : section % 2]
        let isTurn = bar % Self.barsInSection == Self.barsInSection - 1
        return isTurn ? choices.one(of: style.cadences) : progression[bar % progression.count]
    }

    /// All notes that begin in a bar. The one after the last is the end.
    func notes(_ bar: Int) -> [Note] {
        guard bar <= bars else { return [] }
        if bar == bars { return end }
        let section = Section(bar / Self.barsInSection, of: self)
        return chords(bar, section) + bass(bar, section) + strings(bar, section) + bells(bar, section)
    }

    func start(_ bar: Int) -> Double { Double(bar) * barLength }

    private var beat: Double { barLength / Double(meter) }

    private func chords(_ bar: Int, _ section: Section) -> [Note] {
        let pitches = chord(bar).voiced(in: key, from: Self.chordWindow + section.shift)
        // A chord that stays is not struck again.
        if bar > 0, chord(bar) == chord(bar - 1), bar % Self.barsInSection != 0 { return [] }
        let isHeld = bar + 1 < bars && chord(bar) == chord(bar + 1) && (bar + 1) % Self.barsInSection != 0
        return pitches.enumerated().map { index, pitch in
            Note(
                instrument: .chords, start: start(bar), length: barLength * (isHeld ? 2 : 1), pitch: pitch,
                strength: section.energy(bar), place: Double(index) / Double(max(1, pitches.count - 1)) - 0.5)
        }
    }

    private func bass(_ bar: Int, _ section: Section) -> [Note] {
        // A short piece can't wait, a long one can.
        guard section.hasBass, bar >= min(4, bars / 4) else { return [] }
        let root = chord(bar).root(in: key, from: Self.bassWindow)
        func note(_ at: Double, _ length: Double, _ pitch: Int, _ strength: Double) -> Note {
            Note(
                instrument: .bass, start: start(bar) + at * beat, length: length * beat, pitch: pitch,
                strength: strength * section.energy(bar), place: 0)
        }
        let whole = Double(meter)
        switch section.bassFigure {
        case 0: return [note(0, whole * 0.95, root, 1)]
        case 1: return [note(0, whole / 2, root, 1), note(whole / 2, whole / 2 - 0.1, root, 0.7)]
        case 2: return [note(0, whole - 1, root, 1), note(whole - 1, 0.9, root + 12, 0.55)]
        default: return (0..<meter).map { note(Double($0), 0.8, root, $0 == 0 ? 1 : 0.65) }
        }
    }

    private func strings(_ bar: Int, _ section: Section) -> [Note] {
        guard section.hasStrings, bar >= min(2, bars / 6) else { return [] }
        let chord = chord(bar).voiced(in: key, from: Self.stringWindow + section.shift)
        let pool = chord + chord.map { $0 + 12 }
        let count = meter * section.notesPerBeat
        var choices = SeededChoices(seed, 1000 + UInt64(bar))
        return (0..<count).compactMap { index in
            let isFirst = index == 0
            let isBeat = index % section.notesPerBeat == 0
            guard choices.happens(isFirst ? 0.97 : isBeat ? style.density + 0.1 : style.density) else { return nil }
            // The figure stays for a section; now and then one of its notes goes elsewhere.
            let step = section.figure[index % section.figure.count] + (choices.happens(0.1) ? 1 : 0)
            let accent = isFirst ? 1 : isBeat ? 0.8 : 0.62
            return Note(
                instrument: .strings,
                start: start(bar) + Double(index) * beat / Double(section.notesPerBeat) + choices.number(0...0.014),
                length: beat, pitch: pool[step %% pool.count],
                strength: accent * choices.number(0.85...1) * section.energy(bar),
                place: choices.number(-0.6...0.6))
        }
    }

    private func bells(_ bar: Int, _ section: Section) -> [Note] {
        guard section.hasBells else { return [] }
        let inSection = bar % Self.barsInSection
        let tones = chord(bar).voiced(in: key, from: Self.bellWindow + section.shift)
        let pool = tones + tones.map { $0 + 12 }
        func nearest(_ pitch: Int) -> Int { pool.min { abs($0 - pitch) < abs($1 - pitch) } ?? pitch }
        var choices = SeededChoices(seed, 3000 + UInt64(bar))
        // The phrase of two bars is said three times, each time over other chords, and then rests on a long note.
        let isRest = inSection >= Self.barsInSection - 2
        let onsets = isRest ? (inSection == Self.barsInSection - 2 ? [0] : []) : section.rhythm[inSection % 2]
        var target = Self.bellWindow + section.shift + section.contour[inSection % 2 * 3]
        return onsets.enumerated().map { index, onset in
            target += section.contour[(inSection % 2 * 3 + index) % section.contour.count]
            target = min(max(target, Self.bellWindow), Self.bellWindow + 15)
            // Strong beats belong to the chord, the others may pass through the scale.
            let pitch = onset.isMultiple(of: 2) ? nearest(target) : key.pitch(key.step(near: target))
            target = pitch
            return Note(
                instrument: .bells, start: start(bar) + Double(onset) * beat / 2 + choices.number(0...0.012),
                length: beat * 2, pitch: pitch,
                strength: (onset == 0 ? 0.95 : 0.75) * choices.number(0.85...1) * section.energy(bar),
                place: 0.25 * (section.index.isMultiple(of: 2) ? 1 : -1))
        }
    }

    /// Home: the chord, a bass below it, and its notes once more from below, slower and slower.
    private var end: [Note] {
        let (from, length) = (start(bars), duration - start(bars))
        let pitches = style.home.voiced(in: key, from: Self.chordWindow)
        var notes = pitches.enumerated().map { index, pitch in
            Note(
                instrument: .chords, start: from, length: max(0.3, length - 2.5), pitch: pitch, strength: 0.85,
                place: Double(index) / Double(max(1, pitches.count - 1)) - 0.5)
        }
        notes.append(
            Note(
                instrument: .bass, start: from, length: max(0.3, length - 2),
                pitch: style.home.root(in: key, from: Self.bassWindow),
                strength: 0.9, place: 0))
        let rising = style.home.voiced(in: key, from: Self.stringWindow) + [key.root + 24]
        for (index, pitch) in rising.enumerated() where from + Double(index * index) * 0.05 < duration - 1 {
            notes.append(
                Note(
                    instrument: index == rising.count - 1 ? .bells : .strings,
                    start: from + 0.12 * Double(index) + 0.05 * Double(index * index), length: 2, pitch: pitch,
                    strength: 0.8 - 0.08 * Double(index), place: 0.2 * Double(index) - 0.4))
        }
        return notes
    }
}

/// Eight bars that belong together.
private struct Section {
    let index: Int
    let hasBass: Bool
    let hasStrings: Bool
    let hasBells: Bool
    /// Semitones by which the middle parts lie higher.
    let shift: Int
    let bassFigure: Int
    let notesPerBeat: Int
    /// Which note of the chord follows which.
    let figure: [Int]
    /// When the bells play, in eighths, for each of two bars.
    let rhythm: [[Int]]
    /// Semitones from one of their notes to the next.
    let contour: [Int]
    private let strength: Double

    init(_ index: Int, of piece: Composition) {
        self.index = index
        var choices = SeededChoices(piece.seed, 100 + UInt64(index))
        let isLast = index > 0 && index == (piece.bars - 1) / Composition.barsInSection
        // What plays beside the chords. The first section introduces, then they change from section to section, in an order
        // of the piece's own; the last one calms down.
        let forms: [(bass: Bool, strings: Bool, bells: Bool, strength: Double)] = [
            (true, true, true, 0.95), (true, true, false, 0.85), (false, false, true, 0.72), (true, true, true, 1),
            (true, false, true, 0.8), (false, true, false, 0.75),
        ]
        var order = SeededChoices(piece.seed, 3)
        let turns = order.shuffled([0, 2, 3, 4, 1, 5])
        let form =
            index == 0
            ? (bass: true, strings: true, bells: piece.bars <= Composition.barsInSection, strength: 0.85)
            : isLast
                ? (bass: true, strings: true, bells: true, strength: 0.85) : forms[turns[(index - 1) % turns.count]]
        (hasBass, hasStrings, hasBells, strength) = (form.bass, form.strings, form.bells, form.strength)
        shift = choices.one(of: [0, 0, 2, -2, 3])
        bassFigure = choices.integer(0...(piece.style.tempo.lowerBound > 80 ? 3 : 2))
        notesPerBeat = choices.one(of: piece.style.notesPerBeat)
        let figures = [
            [0, 1, 2, 3, 4, 3, 2, 1], [0, 2, 1, 2, 3, 2, 1, 2], [0, 2, 4, 2, 3, 1, 4, 2], [4, 3, 2, 1, 0, 1, 2, 3],
            [0, 3, 2, 4, 1, 3, 2, 5], [0, 1, 3, 2, 4, 3, 5, 4],
        ]
        figure = choices.one(of: figures)
        let rhythms =
            piece.meter == 4
            ? [[0, 3, 4], [0, 2, 3, 6], [0, 4, 7], [0, 4], [2, 4, 5], [0, 3, 6], [0, 6]]
            : [[0, 3, 4], [0, 2, 4], [0, 4], [2, 4], [0, 1, 4], [0]]
        rhythm = [choices.one(of: rhythms), choices.one(of: rhythms)]
        contour = (0..<6).map { _ in choices.one(of: [-5, -3, -2, 2, 2, 3, 4, 7]) }
    }

    /// 0 to 1: a section grows a little towards its end.
    func energy(_ bar: Int) -> Double {
        let progress = Double(bar % Composition.barsInSection) / Double(Composition.barsInSection - 1)
        return strength * (0.88 + 0.12 * progress)
    }
}
