import Foundation

/// A script that a peer writes out of a prompt, by taking sentences from its article.
package struct PeerScript: Sendable {
    package struct Scene: Sendable {
        package var heading: String
        package var kind: String
        package var narration: String
        package var search: [String]
    }

    package var title = ""
    package var description = ""
    package var tags: [String] = []
    package var scenes: [Scene] = []

    /// - Parameter messages: roles and contents; each time a script was sent back, another part of the article is taken.
    init(_ messages: [(role: String, content: String)]) {
        let task = messages.first { $0.role == "user" }?.content ?? ""
        let lines = task.split(separator: "\n").map(String.init)
        let wanted = Self.number(after: "Length: ", in: lines) ?? 150
        let least = Self.number(after: "at least ", in: lines.filter { $0.hasPrefix("Length: ") }) ?? wanted
        let most = Self.number(after: "at most ", in: lines.filter { $0.hasPrefix("Length: ") }) ?? wanted
        let count = Self.number(after: "Scenes: ", in: lines) ?? 6
        guard let fence = lines.first(where: { $0.hasPrefix("SOURCE-") }), let start = lines.firstIndex(of: fence),
            let end = lines.lastIndex(of: fence), end > start
        else { return }
        let article = lines[(start + 1)..<end]
        title = article.first { $0.hasPrefix("# ") }.map { Self.cut(String($0.dropFirst(2)), 90) } ?? ""
        let all = article.filter { !$0.hasPrefix("#") }.flatMap(Self.sentences)
        guard !all.isEmpty else { return }
        if title.isEmpty { title = Self.cut(all[0], 90) }
        let turn = messages.count { $0.role == "assistant" }
        let shift = turn * 2 % all.count
        let chosen = Self.choose(Array(all[shift...] + all[..<shift]), wanted: wanted, within: least...max(least, most))
        scenes = Self.scenes(chosen, count: max(count, 2))
        description = chosen.prefix(2).joined(separator: " ")
        tags = Array(Self.telling(chosen.joined(separator: " ")).prefix(8))
        if tags.isEmpty { tags = ["story"] }
    }

    package var json: String {
        OpenAIPeer.text([
            "title": title, "description": description, "tags": tags,
            "scenes": scenes.map {
                ["heading": $0.heading, "kind": $0.kind, "narration": $0.narration, "search": $0.search]
            },
        ])
    }

    /// Whole sentences in order while they fit; the last is cut where too little would be said without it.
    private static func choose(_ all: [String], wanted: Int, within: ClosedRange<Int>) -> [String] {
        var (chosen, left, amount): ([String], [String], Int) = ([], [], 0)
        for sentence in all {
            let words = sentence.split(separator: " ").count
            if amount < wanted, amount + words <= within.upperBound {
                chosen.append(sentence)
                amount += words
            } else {
                left.append(sentence)
            }
        }
        if amount < within.lowerBound, let next = left.first {
            let words = next.split(separator: " ").prefix(wanted - amount)
            chosen.append(words.joined(separator: " ").trimmingCharacters(in: .punctuationCharacters) + ".")
        }
        return chosen
    }

    private static func scenes(_ sentences: [String], count: Int) -> [Scene] {
        let count = min(count, sentences.count)
        return (0..<count).map { place in
            let part = sentences[(place * sentences.count / count)..<((place + 1) * sentences.count / count)]
            let narration = part.joined(separator: " ")
            let words = telling(narration)
            return Scene(
                heading: words.first?.capitalized ?? "",
                kind: place == 0 ? "opening" : place == count - 1 ? "closing" : "body", narration: narration,
                search: [words.prefix(3).joined(separator: " ")].map { $0.isEmpty ? "landscape" : $0 })
        }
    }

    /// Without quotation marks and markup, which would have to stand in pairs.
    private static func sentences(of line: String) -> [String] {
        let plain = line.filter { !"“”„\"«»*_#`<>[]{}|~^\\".contains($0) }
        var (sentences, current): ([String], [Substring]) = ([], [])
        for word in plain.split(separator: " ") {
            current.append(word)
            if word.count > 3, let last = word.last, ".!?…".contains(last) {
                sentences.append(current.joined(separator: " "))
                current = []
            }
        }
        return current.isEmpty ? sentences : sentences + [current.joined(separator: " ")]
    }

    /// The longest words, each once, in lower case.
    private static func telling(_ text: String) -> [String] {
        let words = text.lowercased().split { !$0.isLetter }.map(String.init).filter { $0.count > 4 }
        let each = words.enumerated().filter { words.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        return Array(each.sorted { $0.count > $1.count }.prefix(12))
    }

    private static func number(after label: String, in lines: [String]) -> Int? {
        lines.lazy.compactMap { line -> Int? in
            guard let range = line.range(of: label) else { return nil }
            return Int(line[range.upperBound...].prefix { $0.isNumber })
        }.first
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.count > limit else { return text }
        let part = text.prefix(limit)
        return String(part.lastIndex(of: " ").map { part[..<$0] } ?? part)
    }
}
