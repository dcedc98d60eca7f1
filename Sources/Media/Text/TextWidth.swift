/// How wide text is, without a font at hand: close enough to break lines by.
enum TextWidth {
    /// Columns as a terminal or a subtitle counts them: 2 for wide characters, 0 for what joins the one before.
    static func columns(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    static func columns(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        return isWide(first) ? 2 : 1
    }

    /// In ems of a semi-bold sans-serif: the advance widths of Inter and DejaVu Sans, the wider of the two, by class.
    static func ems(_ text: some StringProtocol) -> Double {
        text.reduce(0) { $0 + ems($1) }
    }

    private static func ems(_ character: Character) -> Double {
        guard let first = character.unicodeScalars.first else { return 0 }
        if isWide(first) { return 1.05 }
        return switch character {
        case " ", "i", "j", "l", "I", ".", ",", ":", ";", "'", "’", "|", "!": 0.36
        case "f", "t", "r", "-", "(", ")", "[", "]", "{", "}", "\"", "/", "\\": 0.46
        case "m", "w", "M", "W", "@", "%", "—", "…": 1.0
        case let character where character.isUppercase: 0.76
        default: 0.65
        }
    }

    /// East Asian Wide (UAX #11) in broad strokes, and pictographs.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F000...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: scalar.properties.isEmojiPresentation
        }
    }

    /// Breaks `text` into lines of at most `width` ems, as even as they can be; a word that is longer is cut. What
    /// doesn't fit into `lines` lines ends in an ellipsis.
    static func wrap(_ text: String, width: Double, lines: Int) -> [String] {
        let words = text.split(whereSeparator: \.isWhitespace).flatMap { pieces(of: String($0), width: width) }
        var result = fill(words, width: width)
        guard result.count <= lines else {
            result = Array(result.prefix(lines))
            if var last = result.popLast() {
                while !last.isEmpty, ems(last + "…") > width { last.removeLast() }
                while let character = last.last, character.isWhitespace || ",、،;:".contains(character) {
                    last.removeLast()
                }
                result.append(last + "…")
            }
            return result
        }
        guard result.count > 1 else { return result }
        // The narrowest width that needs no more lines makes them even.
        var (low, high) = (width / 2, width)
        for _ in 0..<8 {
            let middle = (low + high) / 2
            let trial = fill(words, width: middle)
            if trial.count <= result.count, trial.allSatisfy({ ems($0) <= middle }) {
                high = middle
            } else {
                low = middle
            }
        }
        return fill(words, width: high)
    }

    private struct Piece {
        var text: String
        /// To the one before it, without a space.
        var isAttached: Bool
    }

    private static func fill(_ words: [Piece], width: Double) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last {
                let longer = last + (word.isAttached ? "" : " ") + word.text
                if ems(longer) <= width {
                    lines[lines.count - 1] = longer
                    continue
                }
            }
            lines.append(word.text)
        }
        return lines
    }

    /// A token's phrases where it is written without spaces; the pieces of a word that is wider than a line.
    private static func pieces(of token: String, width: Double) -> [Piece] {
        let phrases =
            PhraseSplitter.applies(to: token)
            ? PhraseSplitter.pieces(of: token, length: max(4, Int(width * 1.8))) : [token]
        return phrases.flatMap { cut($0, width: width) }.enumerated().map { Piece(text: $1, isAttached: $0 > 0) }
    }

    private static func cut(_ word: String, width: Double) -> [String] {
        guard ems(word) > width else { return [word] }
        var pieces = [""]
        for character in word {
            if ems(pieces[pieces.count - 1]) + ems(character) > width { pieces.append("") }
            pieces[pieces.count - 1].append(character)
        }
        return pieces
    }
}
