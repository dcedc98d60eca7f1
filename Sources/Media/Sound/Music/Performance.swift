import Foundation

/// Plays a composition, block by block: the same one always the same way. It needs the same memory whatever the length.
final class Performance: StereoSource {
    private let piece: Composition
    private let (chordTable, bassTable): (WaveTable, WaveTable)
    private let (strings, bells): (Timbre, Timbre)
    private var held: [WaveVoice] = []
    private var lows: [WaveVoice] = []
    private var struck: [StruckVoice] = []
    private var ringing: [StruckVoice] = []
    private let (chordBus, stringBus, send, scratch) = (StereoBlock(), StereoBlock(), StereoBlock(), StereoBlock())
    private let filter: Softener
    private let (echo, room): (Echo, Room)
    /// Notes that begin later, the first one last.
    private var waiting: [Note] = []
    private var nextBar = 0
    private var position = 0
    private var choices: SeededChoices

    /// Of the parts, beside each other.
    private enum Level {
        static let (chords, bass, strings, bells) = (0.08, 0.1, 0.17, 0.15)
        static let (echo, room): (Float, Float) = (0.5, 0.55)
    }

    init(of piece: Composition) {
        self.piece = piece
        choices = SeededChoices(piece.seed, 4)
        let style = piece.style
        // The brighter, the slower the overtones become weaker; which of them are there differs from piece to piece.
        let fall = 2.1 - 0.8 * style.brightness + choices.number(-0.15...0.15)
        let evenness = choices.number(0.35...1)
        chordTable = WaveTable((1...12).map { pow(Double($0), -fall) * ($0.isMultiple(of: 2) ? evenness : 1) })
        bassTable = WaveTable([1, 0.5, 0.25, 0.12, 0.06])
        strings = choices.one(
            of: style.brightness > 0.5
                ? [Timbre.kalimba, .harp, .electricPiano] : [.harp, .electricPiano, .musicBox])
        bells = choices.one(of: [Timbre.bell, .musicBox, .bell])
        filter = Softener(brightness: style.brightness, &choices)
        echo = Echo(seconds: piece.barLength / Double(piece.meter) * 0.75)
        room = Room(seconds: style.room, brightness: style.brightness)
    }

    func read(into block: StereoBlock) {
        begin()
        chordBus.clear()
        stringBus.clear()
        block.clear()
        for voice in held { voice.play(into: chordBus, levels: scratch.left) }
        filter.soften(chordBus, at: Double(position) / Double(StereoBlock.rate))
        for voice in struck { voice.play(into: stringBus) }
        send.clear()
        send.add(stringBus, gain: 0.7)
        echo.answer(stringBus, into: stringBus, gain: Level.echo)
        block.add(stringBus)
        for voice in lows { voice.play(into: block, levels: scratch.left) }
        send.add(chordBus, gain: 0.8)
        stringBus.clear()
        for voice in ringing { voice.play(into: stringBus) }
        send.add(stringBus)
        block.add(stringBus, gain: 0.8)
        block.add(chordBus)
        room.answer(send, into: block, gain: Level.room)
        held.removeAll(where: \.isOver)
        lows.removeAll(where: \.isOver)
        struck.removeAll(where: \.isOver)
        ringing.removeAll(where: \.isOver)
        position += StereoBlock.length
    }

    /// Lets all notes begin whose time comes within the next block.
    private func begin() {
        let rate = Double(StereoBlock.rate)
        let end = Double(position + StereoBlock.length) / rate
        // A bar's notes are at most a few milliseconds late, never early.
        while nextBar <= piece.bars, piece.start(nextBar) < end {
            waiting = (waiting + piece.notes(nextBar)).sorted { $0.start > $1.start }
            nextBar += 1
        }
        while let note = waiting.last, note.start < end {
            waiting.removeLast()
            let delay = max(0, Int(note.start * rate) - position)
            let style = piece.style
            switch note.instrument {
            case .chords:
                held.append(
                    WaveVoice(
                        chordTable, note, delay: delay, detuning: [-6, 0, 5], spread: 0.7, attack: style.attack,
                        release: style.attack + 0.6, gain: Level.chords, phases: &choices))
            case .bass:
                lows.append(
                    WaveVoice(
                        bassTable, note, delay: delay, detuning: [0], spread: 0, attack: 0.03, release: 0.25,
                        gain: Level.bass, phases: &choices))
            case .strings:
                struck.append(
                    StruckVoice(
                        strings, note, delay: delay, gain: Level.strings, brightness: style.brightness))
            case .bells:
                ringing.append(
                    StruckVoice(bells, note, delay: delay, gain: Level.bells, brightness: style.brightness))
            }
        }
    }
}

/// Takes high tones away from the chords, now more and now less: they breathe.
private final class Softener {
    private let brightness: Double
    private let (slow, slower): (Double, Double)
    private var state: (Float, Float, Float, Float) = (0, 0, 0, 0)

    init(brightness: Double, _ choices: inout SeededChoices) {
        self.brightness = brightness
        (slow, slower) = (choices.number(0.05...0.09), choices.number(0.015...0.03))
    }

    /// - Parameter time: seconds since the beginning.
    func soften(_ block: StereoBlock, at time: Double) {
        let wave = 0.6 * sin(2 * .pi * slow * time) + 0.6 * sin(2 * .pi * slower * time)
        let frequency = (900 + 1700 * brightness) * pow(2, wave)
        let share = Float(1 - exp(-2 * .pi * frequency / Double(StereoBlock.rate)))
        var (a, b, c, d) = state
        for sample in 0..<StereoBlock.length {
            a += (block.left[sample] - a) * share
            b += (a - b) * share
            c += (block.right[sample] - c) * share
            d += (c - d) * share
            block.left[sample] = b
            block.right[sample] = d
        }
        state = (a, b, c, d)
    }
}
