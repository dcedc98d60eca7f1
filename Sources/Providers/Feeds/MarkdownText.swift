/// Reads Markdown's blocks as text: headings, paragraphs and list items stay; code, tables, rules and definitions go.
struct MarkdownText {
    private(set) var passages: [Passage] = []
    private var inline: MarkdownInline
    private var paragraph: [Substring] = []
    private var isListItem = false

    init(_ text: String) {
        let lines = Self.withoutComments(text).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        inline = MarkdownInline(references: Self.references(in: lines))
        read(lines)
    }

    private mutating func read(_ lines: [Substring]) {
        var index = 0
        while index < lines.count {
            let (quoted, indent) = Self.content(of: lines[index])
            let line = Substring(quoted)
            index += 1
            if line.isEmpty {
                end()
            } else if let fence = Self.fence(line) {
                end()
                while index < lines.count, !Self.closes(fence, lines[index]) { index += 1 }
                index += 1
            } else if indent >= 4, paragraph.isEmpty, !isListItem {
                continue  // code
            } else if let heading = Self.heading(line) {
                end()
                isListItem = false
                add(.heading, heading)
            } else if !paragraph.isEmpty, !isListItem, line.allSatisfy({ $0 == "=" }) || line.allSatisfy({ $0 == "-" })
            {
                add(.heading, paragraph.joined(separator: " "))
                paragraph = []
            } else if Self.isRule(line) {
                end()
            } else if Self.isTable(line, next: index < lines.count ? lines[index] : "") {
                end()
                while index < lines.count, lines[index].contains("|") { index += 1 }
            } else if Self.definition(line) != nil || line.hasPrefix("[^") && line.contains("]:") {
                end()
            } else if Self.opensHTML(line), paragraph.isEmpty {
                isListItem = false
                var html = [line]
                while index < lines.count, !lines[index].trimmingWhitespace().isEmpty {
                    html.append(lines[index])
                    index += 1
                }
                passages += HTMLText.passages(of: html.joined(separator: "\n"))
            } else if let item = Self.listItem(line) {
                end()
                isListItem = true
                paragraph = [item]
            } else {
                if paragraph.isEmpty, indent == 0 { isListItem = false }
                paragraph.append(line)
            }
        }
        end()
    }

    /// Ends the paragraph or list item that is being read.
    private mutating func end() {
        guard !paragraph.isEmpty else { return }
        add(isListItem ? .listItem : .paragraph, paragraph.joined(separator: "\n"))
        paragraph = []
    }

    private mutating func add(_ kind: Passage.Kind, _ markup: String) {
        let (text, pictures) = inline.read(markup)
        if !text.isEmpty { passages.append(Passage(kind, text)) }
        passages += pictures
    }

    // MARK: What a line is

    /// Without indentation and the marks of a quotation.
    private static func content(of line: Substring) -> (text: String, indent: Int) {
        var rest = line
        var indent = 0
        while true {
            indent = rest.prefix { $0 == " " || $0 == "\t" }.reduce(0) { $0 + ($1 == "\t" ? 4 : 1) }
            rest = rest.drop(while: \.isWhitespace)
            guard rest.first == ">" else { break }
            rest = rest.dropFirst(rest.dropFirst().first == " " ? 2 : 1)
        }
        return (rest.trimmingWhitespace(), indent)
    }

    private static func fence(_ line: Substring) -> (mark: Character, count: Int)? {
        guard let mark = line.first, mark == "`" || mark == "~" else { return nil }
        let count = line.prefix { $0 == mark }.count
        guard count >= 3, mark == "~" || !line.dropFirst(count).contains("`") else { return nil }
        return (mark, count)
    }

    private static func closes(_ fence: (mark: Character, count: Int), _ line: Substring) -> Bool {
        let line = content(of: line).text
        return line.count >= fence.count && line.allSatisfy { $0 == fence.mark }
    }

    private static func heading(_ line: Substring) -> String? {
        let marks = line.prefix { $0 == "#" }.count
        guard (1...6).contains(marks), line.dropFirst(marks).first.map({ $0 == " " || $0 == "\t" }) ?? true else {
            return nil
        }
        var text = line.dropFirst(marks).trimmingWhitespace()
        if text.hasSuffix(" #") || text.hasSuffix("##") {
            text = text.reversed().drop { $0 == "#" }.reversed().map(String.init).joined()
        }
        return text
    }

    private static func isRule(_ line: Substring) -> Bool {
        guard let mark = line.first, "-*_".contains(mark) else { return false }
        return line.count { $0 == mark } >= 3 && line.allSatisfy { $0 == mark || $0 == " " }
    }

    private static func isTable(_ line: Substring, next: Substring) -> Bool {
        line.contains("|") && next.contains("-") && next.contains("|")
            && next.allSatisfy { $0.isWhitespace || "|-:".contains($0) }
    }

    private static func listItem(_ line: Substring) -> Substring? {
        let isTask = { (rest: Substring) in
            ["[ ] ", "[x] ", "[X] "].contains { rest.hasPrefix($0) } ? rest.dropFirst(4) : rest
        }
        if let mark = line.first, "-*+".contains(mark), line.dropFirst().first == " " {
            return isTask(line.dropFirst(2))
        }
        let digits = line.prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.count), let mark = line.dropFirst(digits.count).first, mark == "." || mark == ")",
            line.dropFirst(digits.count + 1).first == " ", digits.count <= 3
        else { return nil }
        return line.dropFirst(digits.count + 2)
    }

    private static func opensHTML(_ line: Substring) -> Bool {
        guard line.first == "<", let next = line.dropFirst().first else { return false }
        // `<https://…>` is a link.
        let name = line.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "/" }
        return (next == "/" || next == "!" || next.isLetter) && !line.dropFirst(1 + name.count).hasPrefix(":")
            && !name.contains("@")
    }

    // MARK: Definitions

    /// `[name]: target "title"`
    private static func definition(_ line: Substring) -> (name: String, target: String)? {
        guard line.first == "[", let close = line.firstRange(of: "]:"),
            close.lowerBound > line.index(after: line.startIndex)
        else { return nil }
        let target = line[close.upperBound...].trimmingWhitespace().prefix { !$0.isWhitespace }
        guard !target.isEmpty else { return nil }
        let name = line[line.index(after: line.startIndex)..<close.lowerBound]
        return (name.lowercased(), String(target.drop { $0 == "<" }.filter { $0 != ">" }))
    }

    private static func references(in lines: [Substring]) -> [String: String] {
        lines.reduce(into: [:]) { found, line in
            if let (name, target) = definition(Substring(line.trimmingWhitespace())), found[name] == nil {
                found[name] = target
            }
        }
    }

    private static func withoutComments(_ text: String) -> String {
        guard text.contains("<!--") else { return text }
        var (result, rest) = ("", text[...])
        while let start = rest.firstRange(of: "<!--") {
            result += rest[..<start.lowerBound]
            rest = rest[start.upperBound...].firstRange(of: "-->").map { rest[$0.upperBound...] } ?? ""
        }
        return result + rest
    }
}
