import Speech

/// A token without what is not said: quotes, brackets, markup, emoji, invisible characters; and the pause that its
/// punctuation asks for.
struct BareToken {
    /// Without the final punctuation.
    let text: Substring
    /// With its final dot, if it had one: how abbreviations are written.
    let withDot: Substring
    let pause: SpokenWord.Pause?

    init(_ token: Substring) {
        var text = Substring(String(String.UnicodeScalarView(token.unicodeScalars.compactMap(Self.sayable))))
        text = text.drop { !Self.begins($0) }
        // From the end inwards: “word.)” pauses like “word.”
        var pause: SpokenWord.Pause?
        var dotted: Substring?
        while let last = text.last, !Self.ends(last) {
            if last == ".", dotted == nil { dotted = text }
            pause = Self.pause(of: last) ?? pause
            text.removeLast()
        }
        // A token of marks alone has lost them at its beginning.
        if text.isEmpty, pause == nil { pause = token.lazy.compactMap(Self.pause).first }
        self.text = text
        self.pause = pause
        withDot = dotted ?? text
    }

    /// The parts between dashes, slashes and other signs that part words, each with its pause.
    func pieces(_ connectives: Connectives) -> [(text: String, pause: SpokenWord.Pause?)] {
        var pieces: [(text: String, pause: SpokenWord.Pause?)] = []
        var piece = ""
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let before = index > 0 ? characters[index - 1] : " "
            let after = index + 1 < characters.count ? characters[index + 1] : " "
            let betweenDigits = before.isNumber && after.isNumber
            switch character {
            case "–" where betweenDigits && connectives.upTo != nil:
                piece += " \(connectives.upTo ?? "") "
            case "—", "–", "―", ";", "!", "?", "(", ")":
                pieces.append((piece, .comma))
                piece = ""
            case ",", ".", ":":
                // Of a number, a time or an abbreviation; otherwise two words were joined by mistake.
                if betweenDigits || character == "." {
                    piece.append(character)
                } else {
                    pieces.append((piece, .comma))
                    piece = ""
                }
            case "/", "\\", "_", "|", "~", "*", "[", "]", "{", "}", "<", ">", "\"", "`", "^": piece.append(" ")
            default: piece.append(character)
            }
        }
        pieces.append((piece, nil))
        return pieces.filter { !$0.text.isEmpty }
    }

    /// One writing for the signs that have several; nil for what is never said.
    private static func sayable(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "’", "‘", "ʼ", "‛": return "'"
        case "−": return "-"
        case "°", "℃", "℉": return scalar
        case "“", "”", "„", "«", "»", "‹", "›": return "\""
        case "\u{FE00}"..."\u{FE0F}", "\u{20E3}", "\u{E0000}"..."\u{E0FFF}": return nil
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .surrogate, .unassigned, .otherSymbol, .modifierSymbol: return nil
        default: return scalar
        }
    }

    private static func begins(_ character: Character) -> Bool { ends(character) || "$€£¥&@#-+.".contains(character) }

    private static func ends(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "%°℃℉€$£¥&+=@§".contains(character)
    }

    private static func pause(of character: Character) -> SpokenWord.Pause? {
        switch character {
        case ".", "…", "。", "।", "۔": .stop
        case "?", "？", "؟": .question
        case "!", "！": .exclamation
        case ",", ";", ":", "—", "–", "―", "，", "、", "；", "：", "،": .comma
        default: nil
        }
    }
}
