import Speech

/// A currency whose name is said after the number, and after a word of scale that follows it.
enum Money: Character, Sendable {
    case dollar = "$"
    case euro = "€"
    case pound = "£"
    case yen = "¥"

    func name(one: Bool) -> String {
        switch self {
        case .dollar: one ? "dollar" : "dollars"
        case .euro: one ? "euro" : "euros"
        case .pound: one ? "pound" : "pounds"
        case .yen: "yen"
        }
    }
}

/// Names of the signs that flite passes over. espeak-ng knows them in each of its languages.
enum EnglishSymbols {
    typealias Piece = (text: String, pause: SpokenWord.Pause?)

    private static let scales: Set<String> = ["hundred", "thousand", "million", "billion", "trillion"]

    /// - Parameters:
    ///   - next: the token after these pieces'.
    ///   - owed: the currency of “$3.5”, when “million” comes next.
    /// - Returns: the pieces in words, and the currency to be named after the next token.
    static func spellOut(_ pieces: [Piece], next: Substring?, owed: Money?) -> (pieces: [Piece], owed: Money?) {
        var result: [Piece] = []
        var owes: Money?
        for (index, piece) in pieces.enumerated() {
            var text = piece.text
            var money: Money?
            for sign in text { if let currency = Money(rawValue: sign) { money = currency } }
            text.removeAll { Money(rawValue: $0) != nil }
            text = symbols(in: numbers(in: text))
            if let money {
                let isLast = index + 1 == pieces.count
                if isLast, let next, scales.contains(next.lowercased().filter(\.isLetter)) {
                    owes = money
                } else {
                    text += " " + money.name(one: text == "1")
                }
            }
            result.append((text, piece.pause))
        }
        if let owed, let last = result.popLast() {
            result.append((last.text + " " + owed.name(one: false), last.pause))
        }
        return (result, owes)
    }

    private static func symbols(in text: String) -> String {
        var words = ""
        let characters = Array(text)
        for (index, character) in characters.enumerated() {
            let after = index + 1 < characters.count ? characters[index + 1] : " "
            switch character {
            case "%": words += " percent "
            case "‰": words += " per mille "
            case "&": words += " and "
            case "+": words += " plus "
            case "=": words += " equals "
            case "@": words += " at "
            case "§": words += " section "
            case "×": words += " times "
            case "°": words += after == "C" ? " degrees Celsius " : after == "F" ? " degrees Fahrenheit " : " degrees "
            case "℃": words += " degrees Celsius "
            case "℉": words += " degrees Fahrenheit "
            case "C", "F":
                if index == 0 || characters[index - 1] != "°" { words.append(character) }
            case "#": words += after.isNumber ? " number " : " "
            case "½": words += " one half "
            case "¼": words += " one quarter "
            case "¾": words += " three quarters "
            case "-" where after.isNumber && (index == 0 || characters[index - 1] == " "): words += " minus "
            default: words.append(character)
            }
        }
        return words
    }

    /// Times lose their colon. A grouped number with a fraction loses its commas, which flite reads in whole numbers only.
    private static func numbers(in text: String) -> String {
        guard text.contains(where: \.isNumber) else { return text }
        if text.contains(":") {
            let parts = text.split(separator: ":")
            return parts.enumerated().map { index, part in
                index > 0 && part.count == 2 && part.hasPrefix("0") ? "oh \(part.dropFirst())" : String(part)
            }.joined(separator: " ")
        }
        return text.contains(",") && text.contains(".") ? text.filter { $0 != "," } : text
    }
}
