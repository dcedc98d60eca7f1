/// Splits what is written without spaces into pieces that a line may end after and that are lit one by one: Chinese and
/// Japanese into phrases, Thai and its neighbours roughly into syllables. Without a dictionary: by where the kind of
/// letters changes, and by what may not begin or end a line (JIS X 4051, "kinsoku").
enum PhraseSplitter {
    private enum Kind { case ideograph, hiragana, katakana, thai, other }

    /// May not begin a line.
    private static let closing = Set<Character>(
        "、。，．・：；？！゛゜ヽヾゝゞ々ー’”）〕］｝〉》」』】〙〗〟｠»‼⁇⁈⁉ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.!?:;)]}…‥～%％")
    /// May not end one.
    private static let opening = Set<Character>("‘“（〔［｛〈《「『【〘〖〝｟«([{¥￥$")

    /// Whether `text` has letters of a script that is written without spaces.
    static func applies(to text: String) -> Bool { text.contains { kind(of: $0) != .other } }

    /// The pieces of a token, none wider than `length` columns; together they are the token.
    static func pieces(of token: String, length: Int) -> [String] {
        let characters = Array(token)
        var starts: [Int] = []
        for index in characters.indices where index > 0 {
            let isForbidden = closing.contains(characters[index]) || opening.contains(characters[index - 1])
            if !isForbidden, begins(at: index, of: characters, since: starts.last ?? 0) { starts.append(index) }
        }
        return zip([0] + starts, starts + [characters.count]).flatMap { start, end in
            cut(String(characters[start..<end]), length: length)
        }
    }

    /// - Parameter start: where the piece so far began.
    private static func begins(at index: Int, of characters: [Character], since start: Int) -> Bool {
        let (before, character) = (characters[index - 1], characters[index])
        let length = index - start
        switch (kind(of: before), kind(of: character)) {
        case (.ideograph, .ideograph):
            // Up to four are mostly one word. More are several, mostly of two; counted from their end, where a Japanese one goes
            // on with its inflection.
            var (from, to) = (index, index)
            while from > 0, kind(of: characters[from - 1]) == .ideograph { from -= 1 }
            while to < characters.count, kind(of: characters[to]) == .ideograph { to += 1 }
            return to - from > 4 && (to - index).isMultiple(of: 2) && index - from >= 2
        case (.ideograph, .hiragana), (.katakana, .hiragana), (.hiragana, .hiragana):
            // An ending stays whole: no single letter is left of it.
            let rest = characters[index...].prefix { kind(of: $0) == .hiragana }.count
            return length >= 7 && rest >= 3
        case (.katakana, .katakana): return false
        // A vowel that is written before its consonant begins a syllable.
        case (.thai, .thai): return length >= 3 && "เแโใไ".contains(character) || length >= 8
        case (.other, .other): return "、。，．？！".contains(before)
        case (.other, .hiragana): return !(before.isLetter || before.isNumber)
        default: return true
        }
    }

    /// What is still too long for a line is cut wherever it may be.
    static func cut(_ piece: String, length: Int) -> [String] {
        guard TextWidth.columns(piece) > length else { return [piece] }
        var parts: [[Character]] = [[]]
        var columns = 0
        for character in piece {
            let width = TextWidth.columns(character)
            if columns + width > length, !parts[parts.count - 1].isEmpty {
                // What may not stand apart goes along to the next line, unless that is the whole line.
                var carried: [Character] = []
                if closing.contains(character) || parts[parts.count - 1].last.map(opening.contains) == true {
                    while parts[parts.count - 1].count > 1, carried.count < 3 {
                        let moved = parts[parts.count - 1].removeLast()
                        carried.insert(moved, at: 0)
                        let isFine =
                            !closing.contains(moved) && parts[parts.count - 1].last.map(opening.contains) != true
                        if isFine { break }
                    }
                }
                parts.append(carried)
                columns = carried.reduce(0) { $0 + TextWidth.columns($1) }
            }
            parts[parts.count - 1].append(character)
            columns += width
        }
        return parts.map { String($0) }
    }

    /// Whether a reader may breathe after `piece`: it ends in a Japanese particle.
    static func endsPhrase(_ piece: some StringProtocol) -> Bool {
        piece.count > 1 && piece.last.map { "はがをにでもとのへや".contains($0) } == true
    }

    private static func kind(of character: Character) -> Kind {
        guard let scalar = character.unicodeScalars.first else { return .other }
        return switch scalar.value {
        case 0x3041...0x309F: .hiragana
        case 0x30A0...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: .katakana
        case 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFD: .ideograph
        // Thai, Lao, Myanmar, Khmer
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: .thai
        default: .other
        }
    }
}
