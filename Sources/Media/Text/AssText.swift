/// Text and values as libass reads them. Every character of a title or a word is only a character here.
enum AssText {
    private static let joiner: Unicode.Scalar = "\u{2060}"

    /// - Parameter missing: characters that no font has; a box would stand for each.
    static func escape(_ text: some StringProtocol, without missing: Set<UInt32> = []) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "{", "}":
                result.append(contentsOf: ["\\", scalar])
            case "\\":
                // A backslash before N, n, h or a brace would be read; there is no escape for it, so an invisible
                // character stands between.
                result.append(contentsOf: ["\\", joiner])
            case "\t", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                result.append(" ")
            // Selects the coloured form of an emoji, or joins several into one: libass draws neither, but a box.
            case "\u{FE0E}", "\u{FE0F}", "\u{200D}", "\u{1F3FB}"..."\u{1F3FF}", "\u{E0020}"..."\u{E007F}": continue
            // Turns round whatever follows, beyond this text.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": continue
            case let scalar where scalar.properties.generalCategory == .control: continue
            case let scalar where missing.contains(scalar.value): continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// `0:01:02.34`.
    static func time(_ seconds: Double) -> String {
        let hundredths = Int((max(0, seconds) * 100).rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return
            "\(hundredths / 360_000):\(two(hundredths / 6000 % 60)):\(two(hundredths / 100 % 60)).\(two(hundredths % 100))"
    }

    /// With a digit behind the point.
    static func number(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    /// 0 (opaque) to 255 (unseen), as an override.
    static func alpha(_ value: Double) -> String { "&H" + hex(UInt8(min(max(value.rounded(), 0), 255))) + "&" }

    /// `&HAABBGGRR`; alpha 0 (opaque) to 255 (unseen).
    static func colour(_ colour: Colour, alpha: UInt8 = 0) -> String {
        "&H" + hex(alpha) + hex(colour.blue) + hex(colour.green) + hex(colour.red)
    }

    /// As an override: `&HBBGGRR&`.
    static func override(_ colour: Colour) -> String {
        "&H" + hex(colour.blue) + hex(colour.green) + hex(colour.red) + "&"
    }

    private static func hex(_ value: UInt8) -> String {
        (value < 16 ? "0" : "") + String(value, radix: 16, uppercase: true)
    }

    /// A font's name stands in a comma-separated line.
    static func fontName(_ family: String) -> String {
        String(family.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }.prefix(60))
    }
}
