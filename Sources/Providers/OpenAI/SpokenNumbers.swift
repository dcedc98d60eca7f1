/// The numbers of a text, made comparable: digits only, so that `10,000`, `10.000` and `10 000` are one.
enum SpokenNumbers {
    /// As they stand in the text, groups of thousands together.
    static func of(_ text: String) -> [String] {
        let characters = Array(text)
        var (numbers, index): ([String], Int) = ([], 0)
        while index < characters.count {
            guard characters[index].isDigit else {
                index += 1
                continue
            }
            var end = index + 1
            while end < characters.count {
                if characters[end].isDigit {
                    end += 1
                } else if end + 1 < characters.count, characters[end + 1].isDigit, marks.contains(characters[end]) {
                    end += 2
                } else if characters[end].isWhitespace, isGroup(characters, at: end + 1) {
                    end += 4
                } else {
                    break
                }
            }
            numbers.append(String(characters[index..<end]))
            index = end
        }
        return numbers
    }

    static func digits(_ number: some StringProtocol) -> String {
        number.compactMap { $0.wholeNumberValue }.map(String.init).joined()
    }

    /// Everything that a number of the text may be compared by: the whole of it, and its parts.
    static func keys(of text: String, language: String) -> Set<String> {
        var keys: Set<String> = []
        for number in of(text) {
            keys.insert(digits(number))
            for part in number.split(whereSeparator: \.isWhitespace) { keys.insert(digits(part)) }
        }
        let words = NumberWords.of(language)
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter }) {
            if let digits = words[String(word)] { keys.insert(digits) }
        }
        return keys
    }

    private static let marks: Set<Character> = [".", ",", "'", "’", ":", "\u{202F}", "\u{A0}"]

    private static func isGroup(_ characters: [Character], at start: Int) -> Bool {
        guard start + 3 <= characters.count, characters[start..<(start + 3)].allSatisfy(\.isDigit) else { return false }
        return start + 3 == characters.count || !characters[start + 3].isDigit
    }
}

extension Character {
    fileprivate var isDigit: Bool { wholeNumberValue.map { $0 < 10 } ?? false }
}

/// Numbers that are written as words.
enum NumberWords {
    /// By lower-case word, in digits; empty for languages whose words we don't know.
    static func of(_ language: String) -> [String: String] { table[SpokenLanguage.base(language)] ?? [:] }

    private static let table: [String: [String: String]] = [
        "en": english, "de": numbered("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
        "fr": numbered("zéro un deux trois quatre cinq six sept huit neuf dix onze douze"),
        "es": numbered("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce"),
        "it": numbered("zero uno due tre quattro cinque sei sette otto nove dieci undici dodici"),
        "pt": numbered("zero um dois três quatro cinco seis sete oito nove dez onze doze"),
        "nl": numbered("nul een twee drie vier vijf zes zeven acht negen tien elf twaalf"),
    ]

    private static let english: [String: String] = {
        var words = numbered(
            """
            zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
            eighteen nineteen twenty
            """)
        for (place, word) in ["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"].enumerated() {
            words[word] = "\(30 + place * 10)"
        }
        for (word, zeros) in [("hundred", 2), ("thousand", 3), ("million", 6), ("billion", 9)] {
            words[word] = "1" + String(repeating: "0", count: zeros)
        }
        return words
    }()

    private static func numbered(_ words: String) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: words.split(separator: " ").enumerated().map { (String($1), String($0)) })
    }
}
