/// The part of a URL or mail address that a person would say aloud.
struct WebAddress {
    /// `ada` in `ada@example.org`
    private let user: Substring?
    /// `example`, `org`
    private let labels: [Substring]

    /// Nil for anything else. A bare `example.org` counts, and so does `Node.js`: it is said the same way.
    init?(_ text: Substring) {
        var rest = text
        var isURL = false
        if let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            isURL = true
        } else if rest.lowercased().hasPrefix("mailto:") {
            rest = rest.dropFirst(7)
        }
        if rest.lowercased().hasPrefix("www.") { (rest, isURL) = (rest.dropFirst(4), true) }
        if isURL || rest.contains("@") { rest = rest.prefix { !"/?#".contains($0) } }
        if let at = rest.lastIndex(of: "@") {
            user = isURL ? nil : rest[..<at]
            rest = rest[rest.index(after: at)...]
        } else {
            user = nil
        }
        if isURL { rest = rest.prefix { $0 != ":" } }
        labels = rest.split(separator: ".", omittingEmptySubsequences: false)
        let plausible = labels.allSatisfy { label in
            label.count >= (isURL ? 1 : 2) && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        }
        let isName = labels.last?.allSatisfy(\.isLetter) == true && labels.first?.contains { $0.isLetter } == true
        guard plausible, isURL || (labels.count > 1 && isName) else { return nil }
        guard user?.isEmpty != true else { return nil }
    }

    func words(_ connectives: Connectives) -> [String] {
        var words: [String] = []
        if let user {
            words += user.split { !$0.isLetter && !$0.isNumber }.map(String.init)
            if let at = connectives.at { words.append(at) }
        }
        for (index, label) in labels.enumerated() {
            if index > 0, let dot = connectives.dot { words.append(dot) }
            words += label.split(separator: "-").map(String.init)
        }
        return words
    }
}
