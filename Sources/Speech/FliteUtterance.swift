import CFlite

/// One spoken `cst_utterance`, freed with its owner.
struct FliteUtterance: ~Copyable {
    private let utterance: UnsafeMutablePointer<cst_utterance>

    /// Builds flite's Token relation itself instead of passing text, so that each of its tokens is known to be one of
    /// ours, and speaks it. To be called on flite's queue only.
    init(
        speaking words: some Sequence<SpokenWord>, with voice: UnsafeMutablePointer<cst_voice>
    ) throws(SpeechError) {
        guard let blank = new_utterance(), let tokens = flite_create_tokens(blank) else {
            throw SpeechError(.notSpoken, "flite could not make an utterance")
        }
        for word in words { flite_append_token(tokens, word.text, word.pause.map { String($0.rawValue) } ?? "") }
        // On failure flite has deleted the utterance or left it in no state to be.
        guard let spoken = flite_synth_tokens(blank, voice) else {
            throw SpeechError(.notSpoken, "flite could not speak the sentence")
        }
        utterance = spoken
    }

    deinit { delete_utterance(utterance) }

    func sound() throws(SpeechError) -> Sound {
        guard let wave = utt_wave(utterance)?.pointee, wave.sample_rate > 0, wave.num_channels == 1 else {
            throw SpeechError(.notSpoken, "flite gave no mono sound for the sentence")
        }
        let samples = UnsafeBufferPointer(start: wave.samples, count: Int(wave.num_samples))
        return Sound(sampleRate: Int(wave.sample_rate), samples: Array(samples))
    }

    /// For each token, in order, when its first segment begins and its last ends, in seconds; nil for one without a
    /// sound.
    func tokenTimes() -> [Range<Double>?] {
        var times: [Range<Double>?] = []
        var next = relation_head(utt_relation(utterance, "Token"))
        while let token = next {
            defer { next = item_next(token) }
            let start = flite_ffeature_float(
                token, "R:Token.daughter1.R:SylStructure.daughter1.daughter1.R:Segment.p.end")
            let end = flite_ffeature_float(token, "R:Token.daughtern.R:SylStructure.daughtern.daughtern.R:Segment.end")
            times.append(start < end ? Double(start)..<Double(end) : nil)
        }
        return times
    }
}
