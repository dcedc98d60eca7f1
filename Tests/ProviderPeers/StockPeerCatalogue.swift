/// What a stock peer has: a handful of subjects, of each some films and photos.
package struct StockPeerCatalogue: Sendable {
    package struct Subject: Sendable {
        let number: Int
        let words: Set<String>
        let colours: [String]
    }

    package struct Item: Sendable {
        package let id: Int
        let subject: Subject
        package let seconds: Int
        package var author: String { "Peer \(id % 7)" }
    }

    /// Whether a query about anything else finds something too: for a demo, whose stories may be about anything.
    let answersEverything: Bool
    let itemsPerSubject: Int
    /// Whether it is as large as real libraries: every word has hundreds of items of its own, some shown far more often than
    /// others.
    let isVast: Bool

    package init(answersEverything: Bool = false, itemsPerSubject: Int = 24, isVast: Bool = false) {
        (self.answersEverything, self.itemsPerSubject) = (answersEverything, itemsPerSubject)
        self.isVast = isVast
    }

    private static let subjects: [Subject] = [
        ("sea ocean water wave tide coast beach lighthouse ship harbour", ["04293a", "064663", "2d8aa0", "bfe6e8"]),
        ("mountain hill rock snow ice glacier valley", ["1d2433", "4a5872", "93a3b8", "f1f4f8"]),
        ("city street building night window traffic light", ["0d0b1e", "3a1d5c", "c2410c", "fbbf24"]),
        ("forest tree wood leaf garden grass moss", ["0b1f12", "1f5130", "5f9c4c", "d9ecb8"]),
        ("desert sand dune dust heat earth", ["3b1d0f", "8a4b1f", "d49a4a", "f6dfae"]),
        ("sky cloud star moon sun planet space weather", ["0a0f2c", "233a7a", "6f8fd8", "f4d9e2"]),
    ].enumerated().map { number, subject in
        Subject(number: number, words: Set(subject.0.split(separator: " ").map(String.init)), colours: subject.1)
    }

    /// A film's number is odd, a photo's even.
    func items(for query: String, films: Bool) -> [Item] {
        if isVast { return vast(query, films: films) }
        let words = query.lowercased().split(separator: " ").map {
            $0.hasSuffix("s") ? String($0.dropLast()) : String($0)
        }
        var subjects = Self.subjects.filter { !$0.words.isDisjoint(with: words) }
        if subjects.isEmpty, answersEverything {
            let hash = query.utf8.reduce(5_381) { ($0 &* 33 &+ Int($1)) & 0xFFFF }
            subjects = [Self.subjects[hash % Self.subjects.count]]
        }
        return subjects.flatMap { subject in
            (0..<itemsPerSubject).map { item($0, of: subject, isFilm: films) }
        }
    }

    /// The item of a number; nil if there is none.
    package func item(_ id: Int) -> Item? {
        if isVast { return Item(id: id, subject: Self.subjects[0], seconds: 8 + id / 2 % 4 * 2) }
        guard id >= 1_000, Self.subjects.indices.contains(id / 1_000 - 1), id % 1_000 / 2 < itemsPerSubject else {
            return nil
        }
        return item(id % 1_000 / 2, of: Self.subjects[id / 1_000 - 1], isFilm: !id.isMultiple(of: 2))
    }

    private func item(_ index: Int, of subject: Subject, isFilm: Bool) -> Item {
        Item(
            id: (subject.number + 1) * 1_000 + index * 2 + (isFilm ? 1 : 0), subject: subject,
            seconds: 8 + index % 4 * 2)
    }

    /// Of each of the words some, the favourites of everybody more often: two queries that share a word share a part of what
    /// stands on top.
    private func vast(_ query: String, films: Bool) -> [Item] {
        let words = query.lowercased().split(separator: " ").map { Self.hash($0) }
        guard !words.isEmpty else { return [] }
        let pool = films ? 200.0 : 600.0
        let whole = Self.hash(query)
        var (items, known): ([Item], Set<Int>) = ([], [])
        for place in 0..<120 {
            let draw = Double(Self.mixed(whole &+ UInt64(place)) >> 11) / Double(1 << 53)
            let word = Int(words[place % words.count] % 1_000_000)
            let id = (word * 1_000 + Int(pool * draw * draw)) * 2 + (films ? 1 : 0)
            if known.insert(id).inserted, let item = item(id) { items.append(item) }
        }
        return items
    }

    private static func hash(_ text: some StringProtocol) -> UInt64 {
        mixed(text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
    }

    /// The finalizer of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
