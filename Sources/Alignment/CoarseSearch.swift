/// The way of a recording through the reference in steps of several frames: enough to know the sentence, not the sound.
struct CoarseSearch {
    struct Result {
        /// The state of each coarse step.
        let states: [Int]
        let chain: StateChain
        /// Nil where there is too little speech to learn from.
        let adaptation: Adaptation?
    }

    private let frames: FeatureMatrix
    private let silent: [Bool]
    private let chain: StateChain
    private let middles: [Int]

    init(_ pair: SoundPair, prices: StateChain.Prices) {
        let step = Aligner.coarse
        let groups = stride(from: 0, to: pair.frames.count, by: step).map { $0..<min($0 + step, pair.frames.count) }
        frames = pair.frames.means(of: groups)
        silent = groups.map { group in group.allSatisfy { pair.silent[$0] } }
        let words = pair.words.map { $0.means(of: Self.parts(of: $0.count)) }
        chain = StateChain(words, prices: prices)
        // As much of the reference is behind as of the speech.
        let all = max(1, pair.spoken.count { $0 })
        var behind = 0
        var middles: [Int] = []
        for group in groups {
            behind += group.count { pair.spoken[$0] }
            middles.append(behind * (chain.count - 1) / all)
        }
        self.middles = middles
    }

    /// Cuts a word's frames into nearly equal parts of about a coarse step.
    static func parts(of count: Int) -> [Range<Int>] {
        let parts = max(1, (count + Aligner.coarse / 2) / Aligner.coarse)
        return (0..<parts).map { (count * $0 / parts)..<(count * ($0 + 1) / parts) }
    }

    func result() throws(AlignmentError) -> Result {
        var states = try way(nil)
        var adaptation: Adaptation?
        // Each way teaches the next one; from the third on, nothing new is learned.
        for _ in 0..<3 {
            let pairs = states.enumerated().compactMap { frame, state in
                chain.words[state] == nil ? nil : (sound: state, frame: frame)
            }
            adaptation = Adaptation(from: chain.sounds, to: frames, pairs: pairs)
            guard let adaptation else { break }
            states = try way(adaptation)
        }
        return Result(states: states, chain: chain, adaptation: adaptation)
    }

    private func way(_ adaptation: Adaptation?) throws(AlignmentError) -> [Int] {
        // What the two voices' speeds may have come apart by on the way: some sentences, or a tenth of it all.
        let width = min(max(600, chain.count / 5), 3_000)
        let trellis = Trellis(frames: frames, silent: silent, chain: chain, adaptation: adaptation)
        guard let way = try trellis.way(around: middles, width: width) else {
            throw AlignmentError(.otherLength, "the recording is too short for so many words")
        }
        return way.states
    }
}

extension CoarseSearch.Result {
    /// For each fine frame the fine state that the coarse way passes then.
    func middles(in fine: StateChain, frames: Int) -> [Int] {
        var middles: [Int] = []
        for frame in 0..<frames {
            let state = states[frame / Aligner.coarse]
            if let word = chain.words[state] {
                let place = fine.places[word]
                let part = CoarseSearch.parts(of: place.count)[state - chain.places[word].lowerBound]
                middles.append(place.lowerBound + part.lowerBound + part.count / 2)
            } else {
                // The silence before the first word, or after the word before it.
                let word = state == 0 ? nil : chain.words[state - 1]
                middles.append(word.map { fine.places[$0].upperBound } ?? 0)
            }
        }
        return middles
    }
}
