import FoundationEssentials

/// When each character of a text is heard, as ElevenLabs tells it.
struct CharacterTimes: Sendable, Equatable, Decodable {
    /// An element may be any piece of the text: only together are they what was sent.
    let characters: [String]
    /// Seconds
    let starts: [Double]
    let ends: [Double]

    private enum CodingKeys: String, CodingKey {
        case characters
        case starts = "character_start_times_seconds"
        case ends = "character_end_times_seconds"
    }

    /// When each token is heard, seconds; nil for one that is not said, such as a dash. Punctuation around a word is no part of
    /// its time: the silence after a sentence is told as its full stop's.
    ///
    /// - Returns: nil if these are not the characters of the tokens, whatever the white space between them.
    func spans(of tokens: [Substring]) -> [Range<Double>?]? {
        guard characters.count == starts.count, characters.count == ends.count else { return nil }
        var told: [(scalar: Unicode.Scalar, element: Int)] = []
        for (index, piece) in characters.enumerated() {
            for scalar in piece.unicodeScalars where !scalar.properties.isWhitespace { told.append((scalar, index)) }
        }
        var position = 0
        var spans: [Range<Double>?] = []
        for token in tokens {
            var heard: (first: Int, last: Int)?
            for scalar in token.unicodeScalars {
                guard position < told.count, told[position].scalar == scalar else { return nil }
                if scalar.isHeard { heard = (heard?.first ?? told[position].element, told[position].element) }
                position += 1
            }
            spans.append(
                heard.flatMap { heard in
                    let (start, end) = (starts[heard.first], ends[heard.last])
                    return start.isFinite && end.isFinite && start >= 0 && start < end ? start..<end : nil
                })
        }
        return position == told.count ? spans : nil
    }
}

extension Unicode.Scalar {
    /// A letter, a digit, or a sign that is read aloud.
    fileprivate var isHeard: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .currencySymbol, .mathSymbol:
            true
        default: "%&@§°".unicodeScalars.contains(self)
        }
    }
}
