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
    func dressed(_ letters: String) -> String {
        // Other typefaces than the default were chosen by someone who knows the language.
        guard family == "Inter", let substitute = substitute(for: letters) else { return letters }
        return "{\\fn\(substitute)}\(letters){\\fn}"
    }

    /// By the first letter that Inter doesn't have.
    private func substitute(for letters: String) -> String? {
        for scalar in letters.unicodeScalars {
            switch scalar.value {
            case 0x0590...0x05FF, 0xFB1D...0xFB4F: return "Noto Sans Hebrew"
            case 0x0600...0x06FF, 0x0750...0x077F, 0x08A0...0x08FF, 0xFB50...0xFDFF, 0xFE70...0xFEFC:
                return "Noto Sans Arabic"
            case 0x2E80...0x9FFF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x20000...0x3FFFD: return han
            default: continue
            }
        }
        return nil
    }
}
