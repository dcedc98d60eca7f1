/// How many words fill a channel's length.
package enum SpokenLength {
    /// What our voices speak, 140–165; in words a minute.
    package static let wordsPerMinute = 150.0
    /// Between two scenes, seconds.
    static let pause = 0.6

    package static func words(seconds: Int, scenes: Int) -> Int {
        Int((Double(seconds) - pause * Double(max(0, scenes - 1))) * wordsPerMinute / 60)
    }

    /// Four to eight; fewer or more only where a channel's videos are much shorter or longer than the usual minute and a half.
    package static func bodyScenes(words: Int) -> Int {
        let usual = Int((Double(words) / 24).rounded())
        return usual < 4 ? max(1, usual) : max(min(usual, 8), words / 42)
    }
}
