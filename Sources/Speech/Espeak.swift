import Blocking
import CEspeak

/// Speaks more than a hundred languages with espeak-ng, 22,050 Hz.
///
/// The library is process-global, so all instances share one queue and speak one after the other, off the cooperative
/// pool. The same text does not give the same samples twice.
public actor Espeak {
    /// Process-wide, as the library's own state is: two instances on two queues would race in it.
    private static let executor = BlockingExecutor(label: "espeak-ng")

    public nonisolated var unownedExecutor: UnownedSerialExecutor { Self.executor.asUnownedSerialExecutor() }

    /// Hz, or the library's error. Initialised once: espeak-ng leaks, and forgets its voice, at a second time.
    private static let sampleRate: Int = {
        // Without the last flag the library ends the process when its data is missing.
        let rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 500, nil, espeakINITIALIZE_DONT_EXIT)
        espeak_SetSynthCallback { samples, count, events in
            guard let user = events?.pointee.user_data else { return 0 }
            let capture = Unmanaged<EspeakCapture>.fromOpaque(user).takeUnretainedValue()
            return capture.take(samples, count: Int(count), events: events) ? 0 : 1
        }
        return Int(rate)
    }()

    public init() {}

    /// What can be spoken with, in the library's order.
    public func voices() throws(SpeechError) -> [EspeakVoice] {
        _ = try ready()
        var voices: [EspeakVoice] = []
        guard var next = espeak_ListVoices(nil) else { return [] }
        while let voice = next.pointee {
            if let name = voice.pointee.name, let identifier = voice.pointee.identifier {
                voices.append(
                    EspeakVoice(
                        name: String(cString: name), identifier: String(cString: identifier),
                        languages: Self.languages(voice.pointee.languages)))
            }
            next += 1
        }
        return voices
    }

    /// Speaks the words of each token, all as one sentence. Markup is read out as any other text. A cancelled task is
    /// noticed within half a second of speech.
    ///
    /// - Parameters:
    ///   - tokens: for each token the words to say for it, none for a silent one.
    ///   - speed: 1 is 175 words a minute by the library's own count; 0.5 to 2.
    public func speak(
        _ tokens: [[SpokenWord]], voice: EspeakVoice, speed: Double = 1
    ) throws(SpeechError) -> Utterance {
        let rate = try ready()
        if Task.isCancelled { throw .cancelled }
        let text = EspeakText(tokens)
        guard !text.isEmpty else {
            return Utterance(sound: Sound(sampleRate: rate, samples: []), spans: tokens.map { _ in nil })
        }
        // By its identifier: names like `en-gb` are refused here, and a language with no voice of its own would be
        // spoken by another one without a word.
        guard espeak_SetVoiceByName(voice.identifier) == EE_OK else {
            throw SpeechError(.unknownVoice, "espeak-ng does not know the voice \(voice.identifier)")
        }
        let wordsPerMinute = Double(espeakRATE_NORMAL) * min(max(speed, 0.5), 2)
        espeak_SetParameter(espeakRATE, Int32(wordsPerMinute.rounded()), 0)
        let capture = EspeakCapture()
        // Lives until the synchronous call has returned, so the callback may take it unretained.
        let status = withExtendedLifetime(capture) {
            text.text.withCString {
                espeak_Synth(
                    $0, text.text.utf8.count + 1, 0, POS_CHARACTER, 0, UInt32(espeakCHARS_UTF8), nil,
                    Unmanaged.passUnretained(capture).toOpaque())
            }
        }
        if Task.isCancelled { throw .cancelled }
        guard status == EE_OK else {
            throw SpeechError(.notSpoken, "espeak-ng could not speak the sentence (status \(status.rawValue))")
        }
        let sound = Sound(sampleRate: rate, samples: capture.samples)
        return Utterance(sound: sound, spans: text.spans(of: capture.events, length: capture.samples.count))
    }

    private func ready() throws(SpeechError) -> Int {
        guard Self.sampleRate > 0 else {
            throw SpeechError(.engineUnavailable, "espeak-ng found no data: install espeak-ng-data")
        }
        return Self.sampleRate
    }

    /// The library's list: a byte of priority before each NUL-ended tag, and a zero byte at the end.
    private static func languages(_ list: UnsafePointer<CChar>?) -> [String: Int] {
        var languages: [String: Int] = [:]
        guard var next = list else { return languages }
        while next.pointee != 0 {
            let tag = String(cString: next + 1)
            languages[tag] = min(Int(next.pointee), languages[tag] ?? .max)
            next += 2 + tag.utf8.count
        }
        return languages
    }
}
