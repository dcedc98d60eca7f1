import OfflineScript
import Production

/// How much is to be said, and in how many scenes.
struct ScriptMeasure: Sendable, Equatable {
    enum Unit: String, Sendable { case words, characters }

    let unit: Unit
    /// Of all narrations together.
    let wanted: Int
    let allowed: ClosedRange<Int>
    let scenes: Int
    let allowedScenes: ClosedRange<Int>

    /// How far a script may be off, as a share of what is wanted.
    static let tolerance = 0.15
    /// Below this a share means nothing: a sentence more or less.
    private static let leastSlack = 8

    /// - Parameters:
    ///   - sourceAmount: what the source has, in the same unit. Not more is wanted: what it does not say would be made up.
    ///   - beside: what is spoken beside the model's script.
    init(seconds: Int, language: String, sourceAmount: Int, beside: Int) {
        unit = Self.unit(for: language)
        let perWord = unit == .words ? 1 : Self.charactersPerMinute(language) / SpokenLength.wordsPerMinute
        let scenes = SpokenLength.bodyScenes(words: SpokenLength.words(seconds: seconds, scenes: 8) - 60) + 2
        let room = Int(Double(SpokenLength.words(seconds: seconds, scenes: scenes)) * perWord) - beside
        let wanted = max(min(room, sourceAmount), 10)
        self.wanted = wanted
        let slack = max(Int((Double(wanted) * Self.tolerance).rounded(.down)), Self.leastSlack)
        allowed = max(wanted - slack, 1)...(wanted + slack)
        // A short source needs no more scenes than it has sentences to fill them with.
        self.scenes = min(scenes, max(Int(Double(wanted) / perWord) / 12, 2))
        allowedScenes = max(self.scenes / 2, 2)...(self.scenes + 2)
    }

    func amount(of text: String) -> Int { Self.amount(of: text, unit) }

    static func amount(of text: String, _ unit: Unit) -> Int {
        switch unit {
        case .words: spokenTokens(of: text).count
        case .characters: text.count { $0.isLetter || $0.isNumber }
        }
    }

    /// Scripts without blanks are measured by the character.
    static func unit(for language: String) -> Unit {
        ["zh", "ja"].contains(SpokenLanguage.base(language)) ? .characters : .words
    }

    /// Syllables a second in Pellegrino, Coupé and Marsico, "A cross-language perspective on speech information rate" (Language
    /// 87, 2011): Mandarin 5.2, one a character; Japanese 7.8, about 1.4 a character; slowed as our English is against theirs
    /// (6.2 syllables at 1.5 a word make 248 words a minute, ours are 150).
    private static func charactersPerMinute(_ language: String) -> Double {
        SpokenLanguage.base(language) == "ja" ? 205 : 190
    }
}
