/// The few words of a title that a thumbnail has room for.
public enum Headline {
    /// Words of a thumbnail at most. More can't be read at the size at which most see it.
    static let mostWords = 5
    /// Columns of a headline at most; a Chinese or Japanese letter is two.
    static let mostColumns = 32

    /// The strongest part of `title`: two to five words that stand next to each other in it, from a place where a phrase begins to one
    /// where a phrase ends. Nothing is put together that wasn't. A short title stays as it is.
    public static func words(of title: String) -> String {
        let whole = tidy(title)
        if fits(whole) { return whole }
        // The first part of a title mostly says what it is about; a single word says it of nothing.
        let candidates = clauses(of: whole).enumerated().map { index, clause -> (text: String, score: Double) in
            let text = fits(clause) ? clause : isDense(clause) ? phrase(of: clause) : window(of: clause)
            let isAlone = wordCount(text) < 2 && !isDense(text)
            return (text, Double(strength(of: text)) * (index == 0 ? 1.5 : 1) - (isAlone ? 12 : 0))
        }
        return candidates.max { $0.score < $1.score }?.text
            ?? whole.split(separator: " ").prefix(mostWords).joined(separator: " ")
    }

    private static func fits(_ text: String) -> Bool {
        !text.isEmpty && wordCount(text) <= mostWords && TextWidth.columns(text) <= mostColumns
    }

    private static func wordCount(_ text: String) -> Int { text.split(separator: " ").count }

    /// Written without spaces.
    private static func isDense(_ text: String) -> Bool { PhraseSplitter.applies(to: text) }

    /// Without control characters, with single spaces, and without the mark that ends a statement.
    private static func tidy(_ text: String) -> String {
        var text = text.filter { !$0.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        while let last = text.last, ".。,;:、–—-|".contains(last), !text.hasSuffix("...") { text.removeLast() }
        while let first = text.first, " ,;:、–—-|".contains(first) { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// What titles are made of: parts between colons, dashes, bars, brackets, and sentences.
    private static func clauses(of text: String) -> [String] {
        var clauses = [""]
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let isSpaced =
                index > 0 && index + 1 < characters.count
                && characters[index - 1] == " " && characters[index + 1] == " "
            let isLast = index + 1 == characters.count
            switch character {
            case "|", "–", "—", "｜", "：", "。", "、", "，", "(", ")", "[", "]", "【", "】", "（", "）", "「", "」", "『", "』",
                "“", "”", "«", "»", ";", "،", "؛":
                clauses.append("")
            case "-" where isSpaced, ":" where isLast || characters[index + 1] == " ",
                "." where isLast || characters[index + 1] == " ", "," where isLast || characters[index + 1] == " ":
                clauses.append("")
            case "?", "!", "？", "！", "؟", "…":
                clauses[clauses.count - 1].append(character)
                clauses.append("")
            default: clauses[clauses.count - 1].append(character)
            }
        }
        return clauses.map(tidy).filter { $0.contains { $0.isLetter || $0.isNumber } }
    }

    /// How much a part says: its letters, those of weak words aside; a number counts double.
    private static func strength(of text: String) -> Int {
        text.split(separator: " ").reduce(0) { sum, word in
            if word.contains(where: \.isNumber) { return sum + 2 * word.count }
            return sum + (isWeak(word) ? 0 : TextWidth.columns(word))
        }
    }

    /// The strongest run of a clause's words that begins and ends where phrases do.
    private static func window(of clause: String) -> String {
        let words = clause.split(separator: " ")
        var best: (score: Int, range: Range<Int>)?
        for start in words.indices where !isWeak(words[start]) && (start == 0 || isWeak(words[start - 1])) {
            // What stands beside a "not" says the opposite without it.
            if start > 0, negations.contains(words[start - 1].lowercased()) { continue }
            for end in start + 1...words.count where end - start <= mostWords {
                guard !isWeak(words[end - 1]), end == words.count || isWeak(words[end]) else { continue }
                if end < words.count, laterNegations.contains(words[end].lowercased()) { continue }
                let text = words[start..<end].joined(separator: " ")
                guard TextWidth.columns(text) <= mostColumns else { break }
                // One word alone seldom says what it is about.
                let score = strength(of: text) - (end - start == 1 ? 6 : 0)
                if best.map({ score > $0.score }) ?? true { best = (score, start..<end) }
            }
        }
        // Without small words to go by: its end, where most languages put what a phrase is about, or its beginning where words
        // are read from right to left.
        let isReversed = TextDirection(of: clause) == .rightToLeft
        var few = best?.range ?? (isReversed ? 0..<min(4, words.count) : max(0, words.count - 4)..<words.count)
        while few.count > 1, TextWidth.columns(words[few].joined(separator: " ")) > mostColumns {
            few = isReversed ? few.lowerBound..<few.upperBound - 1 : few.lowerBound + 1..<few.upperBound
        }
        var text = words[few].joined(separator: " ")
        // Half a question is none.
        if few.lowerBound > 0 { while let last = text.last, "?؟".contains(last) { text.removeLast() } }
        return tidy(text)
    }

    /// As many phrases of a clause written without spaces as there is room for, from its beginning.
    private static func phrase(of clause: String) -> String {
        var text = ""
        for piece in PhraseSplitter.pieces(of: clause, length: mostColumns / 2) {
            guard TextWidth.columns(text + piece) <= mostColumns * 3 / 4 else { break }
            text += piece
        }
        return text.isEmpty ? String(clause.prefix(mostColumns / 2)) : tidy(text)
    }

    /// Words that phrases begin with or hang on: articles, prepositions, pronouns, auxiliaries.
    private static func isWeak(_ word: some StringProtocol) -> Bool {
        let bare = String(word).filter { $0.isLetter || $0.isNumber || $0 == "'" || $0 == "’" }
        if bare.contains(where: \.isNumber) { return false }
        // An abbreviation says something.
        if bare.count > 1, bare.allSatisfy(\.isUppercase) { return false }
        return weak.contains(bare.lowercased().replacing("’", with: "'"))
    }

    /// Those that stand behind what they deny.
    private static let laterNegations: Set<String> = ["not", "nicht", "niet", "pas", "jamais"]

    private static let negations: Set<String> = [
        "not", "no", "never", "didn't", "don't", "can't", "won't", "isn't", "wasn't", "nicht", "kein", "keine", "nie",
        "ne",
        "pas", "no", "nunca", "não", "non", "mai", "niet", "geen", "не", "ни", "لا", "لم", "لن", "ليس",
    ]

    /// English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Arabic.
    private static let weak = Set(
        """
        a an the of to in on at by for from with without into over under about after before between and or but nor so than \
        that this these those who whom whose which what when where why how is are was were be been being am do does did has \
        have had will would can could should may might must not no it its it's he she they them his her their you your we our \
        i my me us as if then there here just very really ever still every all any some more most actually because while \
        der die das den dem des ein eine einen einem einer eines und oder aber von vom zu zum zur im in an am auf aus bei mit \
        nach für über unter vor wie was wer wo warum wieso ist sind war waren wird werden hat haben nicht kein keine es er sie \
        wir ihr ich sich dass so als auch noch nur man durch um gegen ohne \
        le la les l un une des du de d et ou mais à au aux en dans par pour sur sous avec sans ce cet cette ces qui que quoi \
        dont où est sont était a ont il elle ils elles on nous vous je se ne pas plus comment pourquoi quand son sa ses leur \
        el los las una unos unas y o u pero del al con sin por para sobre bajo hasta desde hacia entre como cómo qué quién cuando cuándo donde dónde \
        es son fue era ha han no su sus lo se te me nos más muy porque \
        os as um uma uns umas e do da dos das no na nos nas ao com sem por para sobre como que quem é são foi não seu sua mais \
        il lo gli i uno ed ma di del della dei delle degli al alla nel nella da dal dalla con su per tra fra che chi come \
        perché dove quando è sono era non si più \
        het een van voor met op te ter door uit dat dit die wie wat waar waarom hoe zijn was niet er ze hij wij \
        и в во на с со к ко о об от до из за у по под над при без для не ни но а что как кто где когда почему это этот эта эти \
        он она они мы вы я его её их был была было были есть же ли бы сих пор ещё сих пор ещё \
        في من على إلى عن مع بعد قبل بين هو هي هم ما ماذا لماذا كيف متى أين هل التي الذي الذين هذا هذه ذلك تلك كان كانت لا لم لن و أو ثم أن إن قد
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
