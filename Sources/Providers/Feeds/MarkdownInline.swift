/// Reads what stands inside a Markdown paragraph: emphasis and code lose their marks, links keep their words, pictures
/// are collected.
struct MarkdownInline {
    /// Targets of `[text][name]`, names in lower case.
    let references: [String: String]

    /// The text on one line, and the pictures in it.
    func read(_ markup: String) -> (text: String, pictures: [Passage]) {
        var pictures: [Passage] = []
        let text = plain(Array(markup), pictures: &pictures, depth: 0)
        return (text.collapsingWhitespace(), pictures)
    }

    private func plain(_ characters: [Character], pictures: inout [Passage], depth: Int) -> String {
        var result = ""
        var index = 0
        while index < characters.count {
            let character = characters[index]
            let next = index + 1 < characters.count ? characters[index + 1] : nil
            switch character {
            case "\\":
                if let next, next.isPunctuation || next.isSymbol {
                    result.append(next)
                    index += 1
                } else if next?.isNewline != true {
                    result.append(character)
                }
            case "`":
                let marks = characters[index...].prefix { $0 == "`" }.count
                if let end = closing(of: marks, in: characters, from: index + marks) {
                    result += String(characters[(index + marks)..<end])
                    index = end + marks - 1
                } else {
                    result += String(repeating: "`", count: marks)
                    index += marks - 1
                }
            case "!" where next == "[" && depth < 8:
                if let link = link(in: characters, from: index + 1) {
                    var inner: [Passage] = []
                    let description = plain(link.text, pictures: &inner, depth: depth + 1)
                    if let target = link.target {
                        pictures.append(Passage(.picture(file: target), description.collapsingWhitespace()))
                    }
                    index = link.end
                } else {
                    result.append(character)
                }
            case "[" where depth < 8:
                if next == "^", let end = characters[index...].firstIndex(of: "]") {
                    index = end  // the mark of a note
                } else if let link = link(in: characters, from: index) {
                    result += plain(link.text, pictures: &pictures, depth: depth + 1)
                    index = link.end
                } else {
                    result.append(character)
                }
            case "<":
                if let end = tagEnd(in: characters, from: index) { index = end } else { result.append(character) }
            case "*", "_", "~":
                let marks = characters[index...].prefix { $0 == character }.count
                let before = index > 0 ? characters[index - 1] : " "
                let after = index + marks < characters.count ? characters[index + marks] : " "
                if !isEmphasis(character, marks, before, after) { result += String(repeating: character, count: marks) }
                index += marks - 1
            default: result.append(character)
            }
            index += 1
        }
        return HTMLEntity.decoded(result)
    }

    private func isEmphasis(_ mark: Character, _ count: Int, _ before: Character, _ after: Character) -> Bool {
        if before.isWhitespace && after.isWhitespace { return false }
        switch mark {
        case "~": return count == 2
        case "_": return !((before.isLetter || before.isNumber) && (after.isLetter || after.isNumber))
        default: return !(before.isNumber && after.isNumber)
        }
    }

    /// Where as many backticks stand again, none more.
    private func closing(of marks: Int, in characters: [Character], from start: Int) -> Int? {
        var index = start
        while index < characters.count {
            let run = characters[index...].prefix { $0 == "`" }.count
            if run == marks { return index }
            index += max(1, run)
        }
        return nil
    }

    /// `[text](target "title")`, `[text][name]`, `[name][]`, and `[name]` if it is defined. `end` is its last character.
    private func link(in characters: [Character], from open: Int) -> (text: [Character], target: String?, end: Int)? {
        guard let close = matching("[", "]", in: characters, from: open) else { return nil }
        let text = Array(characters[(open + 1)..<close])
        let next = close + 1 < characters.count ? characters[close + 1] : nil
        if next == "(", let end = matching("(", ")", in: characters, from: close + 1) {
            let inside = String(characters[(close + 2)..<end]).trimmingWhitespace()
            return (text, target(of: inside), end)
        }
        if next == "[", let end = characters[(close + 1)...].firstIndex(of: "]") {
            let name = String(characters[(close + 2)..<end])
            return (text, references[(name.isEmpty ? String(text) : name).lowercased()], end)
        }
        return references[String(text).lowercased()].map { (text, $0, close) }
    }

    private func target(of inside: String) -> String? {
        if inside.first == "<", let end = inside.firstIndex(of: ">") {
            return String(inside[inside.index(after: inside.startIndex)..<end])
        }
        // A title stands in quotes behind a space; a path may have spaces itself.
        let path =
            inside.firstRange(of: " \"").map { inside[..<$0.lowerBound] } ?? inside.firstRange(of: " '").map {
                inside[..<$0.lowerBound]
            } ?? inside[...]
        return path.nonBlank
    }

    private func matching(_ open: Character, _ close: Character, in characters: [Character], from start: Int) -> Int? {
        var depth = 0
        // A bracket that is not closed soon is no link; the bound also keeps hostile texts linear.
        for index in start..<min(start + 2_000, characters.count) {
            if characters[index] == "\\" { continue }
            let isEscaped = index > start && characters[index - 1] == "\\"
            if characters[index] == open, !isEscaped { depth += 1 }
            if characters[index] == close, !isEscaped { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// The `>` of a tag or of `<https://…>`.
    private func tagEnd(in characters: [Character], from start: Int) -> Int? {
        guard start + 1 < characters.count, characters[start + 1].isLetter || characters[start + 1] == "/" else {
            return nil
        }
        let window = characters[start..<min(start + 1_000, characters.count)]
        guard let end = window.firstIndex(of: ">"), !window[(start + 1)..<end].contains("<") else { return nil }
        return end
    }
}
