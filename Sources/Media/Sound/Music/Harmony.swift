/// Some notes of a scale that sound together.
struct Chord: Sendable, Equatable {
    enum Colour: Sendable { case triad, seventh, ninth, second, fourth }

    /// The step of the scale it is built on: 0 is the key's own.
    let degree: Int
    let colour: Colour

    init(_ degree: Int, _ colour: Colour = .triad) { (self.degree, self.colour) = (degree, colour) }

    /// Steps above its own, what characterises it most first.
    private var steps: [Int] {
        switch colour {
        case .triad: [2, 0, 4]
        case .seventh: [2, 6, 4, 0]
        case .ninth: [2, 4, 0, 8]
        case .second: [0, 4, 1]
        case .fourth: [0, 3, 4]
        }
    }

    /// Its notes, each in the octave from `lowest` on: from chord to chord they stay or take a step. Of two that would rub
    /// against each other only the first is played.
    func voiced(in key: Key, from lowest: Int) -> [Int] {
        var pitches: [Int] = []
        for step in steps {
            let pitch = lowest + (key.pitch(degree + step) - lowest) %% 12
            if pitches.allSatisfy({ abs($0 - pitch) > 1 && abs($0 - pitch) != 11 }) { pitches.append(pitch) }
        }
        return pitches.sorted()
    }

    /// Its own step in the octave from `lowest` on.
    func root(in key: Key, from lowest: Int) -> Int { lowest + (key.pitch(degree) - lowest) %% 12 }
}

/// Seven steps of an octave. Pitches are counted in semitones; 60 is the middle C, 69 has 440 Hz.
struct Key: Sendable, Equatable {
    let root: Int
    /// Of each step above the first.
    let semitones: [Int]

    static let major = [0, 2, 4, 5, 7, 9, 11]
    static let minor = [0, 2, 3, 5, 7, 8, 10]
    /// Minor, with a brighter sixth.
    static let dorian = [0, 2, 3, 5, 7, 9, 10]

    /// Steps go on above and below the octave.
    func pitch(_ step: Int) -> Int {
        let octave = (step - step %% 7) / 7
        return root + 12 * octave + semitones[step %% 7]
    }

    func contains(_ pitch: Int) -> Bool { semitones.contains((pitch - root) %% 12) }

    /// The step whose pitch is the nearest.
    func step(near pitch: Int) -> Int {
        let middle = (pitch - root) * 7 / 12
        return (middle - 3...middle + 3).min { abs(self.pitch($0) - pitch) < abs(self.pitch($1) - pitch) } ?? middle
    }
}

infix operator %% : MultiplicationPrecedence

/// The remainder that is never negative.
func %% (value: Int, divisor: Int) -> Int {
    let remainder = value % divisor
    return remainder < 0 ? remainder + divisor : remainder
}
