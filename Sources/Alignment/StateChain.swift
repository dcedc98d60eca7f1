/// The reference as a chain of states that the recording passes through from the first to the last: the sounds of each
/// word, and between two words, before the first and after the last, a silence that may be left out.
///
/// The reference's own silences are not in it: another voice rests elsewhere.
struct StateChain {
    /// The sounds; a silence's row means nothing.
    var sounds: FeatureMatrix
    /// For each state its word; nil for a silence.
    let words: [Int?]
    /// For each word its states.
    let places: [Range<Int>]
    /// For each state what it costs to come from itself, and from the first, second and third state before it.
    let costs: [SIMD4<Float>]

    /// What a path pays for what sounds don't tell.
    struct Prices {
        /// For each frame in which a sound is held for longer than in the reference.
        var stay: Float = 1.5
        /// For each sound that is passed over.
        var skip: Float = 1.5
        /// For resting between two words.
        var rest: Float = 4
    }

    /// - Parameter words: for each word the rows of its sounds, at least one.
    init(_ words: [FeatureMatrix], prices: Prices) {
        var sounds = FeatureMatrix(count: 1)
        var owners: [Int?] = [nil]
        var places: [Range<Int>] = []
        let never = Float.infinity
        var costs: [SIMD4<Float>] = [SIMD4(0, never, never, never)]
        for (word, rows) in words.enumerated() {
            let first = owners.count
            for row in 0..<rows.count {
                sounds.append(rows.row(row))
                owners.append(word)
                // Past the silence before the word lies the word before it; a word is never passed over whole.
                let isFirstWord = word == 0
                switch row {
                case 0:
                    costs.append(
                        SIMD4(
                            prices.stay, 0, isFirstWord ? never : 0,
                            isFirstWord || places[word - 1].count < 2 ? never : prices.skip))
                case 1: costs.append(SIMD4(prices.stay, 0, prices.skip, isFirstWord ? never : prices.skip))
                default: costs.append(SIMD4(prices.stay, 0, prices.skip, never))
                }
            }
            places.append(first..<owners.count)
            sounds.append([Float](repeating: 0, count: FeatureMatrix.width))
            owners.append(nil)
            costs.append(
                SIMD4(0, prices.rest, rows.count < 2 ? never : prices.rest + prices.skip, never))
        }
        (self.sounds, self.words, self.places, self.costs) = (sounds, owners, places, costs)
    }

    var count: Int { words.count }
}
