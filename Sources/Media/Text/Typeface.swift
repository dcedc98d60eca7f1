/// Which font a word is set in. A typeface of Latin letters has no Arabic or Chinese ones; what fontconfig would then take
/// first, DejaVu Sans, is the plainest of those that `fonts-noto` brings.
struct Typeface {
    private let family: String
    /// Han characters look different in Chinese, Japanese and Korean: told by what else stands in the text.
    private let han: String

    /// - Parameter text: all of it, or enough to tell the language by.
    init(_ family: String, text: String) {
        self.family = family
        var (kana, hangul) = (false, false)
        for scalar in text.unicodeScalars {
            if (0x3041...0x30FF).contains(scalar.value) { kana = true }
            if (0xAC00...0xD7A3).contains(scalar.value) { hangul = true }
        }
        han = kana ? "Noto Sans CJK JP" : hangul ? "Noto Sans CJK KR" : "Noto Sans CJK SC"
    }

    /// `letters`, already in libass' language, in their font.
    ///
    /// - Parameter size: of the letters around them.
    func dressed(_ letters: String, size: Double) -> String {
        // Other typefaces than the default were chosen by someone who knows the language.
        guard family == "Inter", let (name, scale) = substitute(for: letters) else { return letters }
        return "{\\fn\(name)\\fs\(AssText.number(size * scale))}\(letters){\\fn\\fs\(AssText.number(size))}"
    }

    /// A line as anybody wrote it, in libass' language.
    func dressed(line: String, size: Double, without missing: Set<UInt32>) -> String {
        line.split(separator: " ").map { AssText.escape($0, without: missing) }.filter { !$0.isEmpty }
            .map { dressed($0, size: size) }.joined(separator: " ")
    }

    /// By the first letter that Inter doesn't have. libass sizes a font by its line, and lines of these are higher: with their
    /// scale the letters look as large as Inter's.
    private func substitute(for letters: String) -> (name: String, scale: Double)? {
        for scalar in letters.unicodeScalars {
            switch scalar.value {
            case 0x0590...0x05FF, 0xFB1D...0xFB4F: return ("Noto Sans Hebrew", 1.12)
            case 0x0600...0x06FF, 0x0750...0x077F, 0x08A0...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFC:
                return ("Noto Sans Arabic", 1.28)
            case 0x2E80...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFD:
                return (han, 1.1)
            default: continue
            }
        }
        return nil
    }
}
