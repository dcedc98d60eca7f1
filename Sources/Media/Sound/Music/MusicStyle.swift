/// What music of one mood has in common.
struct MusicStyle: Sendable {
    let scale: [Int]
    /// Quarters a minute.
    let tempo: ClosedRange<Double>
    /// How many quarters a bar may have.
    let meters: [Int]
    /// Four bars each. No chord of a diminished fifth: none of these scales is left by it.
    let progressions: [[Chord]]
    /// What leads home.
    let cadences: [Chord]
    let home: Chord
    /// Of the broken chords: notes in each quarter.
    let notesPerBeat: [Int]
    /// Of the notes that could be played, those that are.
    let density: Double
    /// 0 dark to 1 bright.
    let brightness: Double
    /// Seconds until the room is silent.
    let room: Double
    /// Seconds that the chords take to come.
    let attack: Double

    static func of(_ mood: SoundTrack.Music.Mood) -> MusicStyle {
        switch mood {
        case .calm:
            MusicStyle(
                scale: Key.major, tempo: 64...76, meters: [4, 4, 3],
                progressions: [
                    [Chord(0, .ninth), Chord(5, .seventh), Chord(3, .seventh), Chord(4, .fourth)],
                    [Chord(0, .seventh), Chord(2, .seventh), Chord(3, .ninth), Chord(3, .second)],
                    [Chord(3, .seventh), Chord(0, .ninth), Chord(1, .seventh), Chord(4, .fourth)],
                    [Chord(5, .seventh), Chord(3, .ninth), Chord(0), Chord(4, .second)],
                    [Chord(0, .second), Chord(3, .seventh), Chord(5, .seventh), Chord(3, .ninth)],
                ],
                cadences: [Chord(4, .fourth), Chord(3, .ninth)], home: Chord(0, .ninth), notesPerBeat: [2, 2, 1],
                density: 0.78, brightness: 0.35, room: 3.6, attack: 1.4)
        case .bright:
            MusicStyle(
                scale: Key.major, tempo: 98...114, meters: [4],
                progressions: [
                    [Chord(0), Chord(4), Chord(5), Chord(3)],
                    [Chord(0, .ninth), Chord(3), Chord(5, .seventh), Chord(4)],
                    [Chord(3, .ninth), Chord(4), Chord(0), Chord(5)],
                    [Chord(5), Chord(3), Chord(0), Chord(4)],
                    [Chord(0), Chord(2, .seventh), Chord(3, .ninth), Chord(4, .fourth)],
                ],
                cadences: [Chord(4), Chord(4, .fourth)], home: Chord(0), notesPerBeat: [2, 2, 4], density: 0.85,
                brightness: 0.8, room: 2.0, attack: 0.5)
        case .curious:
            MusicStyle(
                scale: Key.dorian, tempo: 84...98, meters: [4, 3],
                progressions: [
                    [Chord(0, .seventh), Chord(3), Chord(0, .ninth), Chord(6)],
                    [Chord(0, .ninth), Chord(2), Chord(3, .seventh), Chord(6)],
                    [Chord(0), Chord(4, .seventh), Chord(3), Chord(0, .second)],
                    [Chord(6), Chord(3), Chord(0, .seventh), Chord(0, .ninth)],
                    [Chord(2, .seventh), Chord(6), Chord(3, .second), Chord(0)],
                ],
                cadences: [Chord(6), Chord(3)], home: Chord(0, .ninth), notesPerBeat: [2], density: 0.66,
                brightness: 0.55, room: 2.4, attack: 0.8)
        case .solemn:
            MusicStyle(
                scale: Key.minor, tempo: 54...62, meters: [4, 3],
                progressions: [
                    [Chord(0), Chord(5), Chord(2), Chord(6)],
                    [Chord(0, .second), Chord(3), Chord(5, .seventh), Chord(4, .fourth)],
                    [Chord(5), Chord(6), Chord(0), Chord(0, .second)],
                    [Chord(0), Chord(6), Chord(5), Chord(3, .ninth)],
                    [Chord(3), Chord(0), Chord(5, .ninth), Chord(6, .fourth)],
                ],
                cadences: [Chord(6), Chord(3)], home: Chord(0), notesPerBeat: [1, 2], density: 0.7, brightness: 0.2,
                room: 4.5, attack: 1.8)
        }
    }
}
