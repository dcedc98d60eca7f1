/// Reads plain text: blank lines part paragraphs. A text without blank lines that is not wrapped has one a line.
enum PlainText {
    static func passages(of text: String) -> [Passage] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            $0.trimmingWhitespace()
        }
        let wrapped = lines.contains(where: \.isEmpty) || lines.allSatisfy { $0.count < 100 }
        var passages: [Passage] = []
        var paragraph: [String] = []
        func end() {
            if !paragraph.isEmpty {
                passages.append(Passage(.paragraph, paragraph.joined(separator: " ").collapsingWhitespace()))
            }
            paragraph = []
        }
        for line in lines {
            if line.isEmpty || !wrapped { end() }
            if !line.isEmpty { paragraph.append(line) }
        }
        end()
        return passages
    }

    /// A first line that stands alone, is short and ends like no sentence, is the title.
    static func title(of text: String) -> (title: String, rest: String)? {
        let lines = text.split(maxSplits: 2, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.count == 3, lines[1].trimmingWhitespace().isEmpty else { return nil }
        let title = lines[0].collapsingWhitespace()
        guard (1...120).contains(title.count), let last = title.last, !".,;:".contains(last) else { return nil }
        return (title, String(lines[2]))
    }
}
