import Blocking
import CFlite

/// Speaks English with one of flite's statistical voices, 16 kHz.
///
/// The library keeps its voices in globals, so all instances share one queue and speak one after the other, off the
/// cooperative pool.
public actor Flite {
    /// Process-wide, as the library's own state is: two instances on two queues would race in it.
    private static let executor = BlockingExecutor(label: "flite")

    public nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    /// The voice that is linked with the engine, by its name in flite's own list.
    public static let voice = "cmu_us_slt"

    private let name: String
    private let register: @Sendable () -> UnsafeMutablePointer<cst_voice>?

    public init() {
        name = Self.voice
        register = { register_cmu_us_slt(nil) }
    }

    /// With a voice of another library.
    ///
    /// - Parameters:
    ///   - voice: its name in flite's own list.
    ///   - register: calls the library's function that sets the voice up and answers flite's `cst_voice`, which stays
    ///     valid; nil if it can't. Called on flite's queue, before each sentence.
    package init(voice name: String, register: @escaping @Sendable () -> UnsafeMutableRawPointer?) {
        self.name = name
        self.register = { register()?.assumingMemoryBound(to: cst_voice.self) }
    }

    /// Speaks the words of each token, all as one sentence.
    ///
    /// Only ASCII letters, digits and `' - . ,` are spoken; other characters are dropped. A cancelled task is noticed before the sentence, not in it.
    ///
    /// - Parameters:
    ///   - tokens: for each token the words to say for it, none for a silent one.
    ///   - speed: 1 is the voice's own; 0.5 to 2.
    public func speak(_ tokens: [[SpokenWord]], speed: Double = 1) throws(SpeechError) -> Utterance {
        if Task.isCancelled { throw .cancelled }
        let sayable = tokens.map { $0.flatMap(\.forFlite) }
        guard sayable.contains(where: { !$0.isEmpty }) else {
            return Utterance(sound: Sound(sampleRate: 16_000, samples: []), spans: tokens.map { _ in nil })
        }
        guard flite_init() == 0, let voice = register() else {
            throw SpeechError(.engineUnavailable, "flite could not set up its voice \(name)")
        }
        flite_set_duration_stretch(voice, Float(1 / min(max(speed, 0.5), 2)))
        let utterance = try FliteUtterance(speaking: sayable.joined(), with: voice)
        let sound = try utterance.sound()
        var times = utterance.tokenTimes()[...]
        let spans = sayable.map { words -> Range<Int>? in
            let heard = times.prefix(words.count).compactMap { $0 }
            times = times.dropFirst(words.count)
            guard let start = heard.first?.lowerBound, let end = heard.last?.upperBound, start < end else { return nil }
            return Int(start * Double(sound.sampleRate))..<Int(end * Double(sound.sampleRate))
        }
        return Utterance(sound: sound, spans: spans)
    }
}

extension SpokenWord {
    /// flite's tokens for this word: ASCII letters and digits, and the signs that it knows inside of words. flite 2.2 never
    /// returns from some words with a dollar sign (`a$a`). The time its letter-to-sound rules take grows with a word's
    /// length, so what no English word reaches is cut into pieces, and only the first are said.
    fileprivate var forFlite: [SpokenWord] {
        let text = harmless.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "'-.,".contains($0)) }
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return [] }
        var pieces: [SpokenWord] = []
        var rest = text[...]
        while !rest.isEmpty, pieces.count < 4 {
            pieces.append(SpokenWord(String(rest.prefix(40))))
            rest = rest.dropFirst(40)
        }
        pieces[pieces.count - 1].pause = pause
        return pieces
    }
}
