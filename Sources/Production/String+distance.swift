extension String {
    /// Levenshtein's distance: how many letters to insert, delete or change.
    package func distance(to other: String) -> Int {
        let (a, b) = (Array(self), Array(other))
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, otherLetter) in b.enumerated() {
                let cost = Swift.min(diagonal + (letter == otherLetter ? 0 : 1), row[j] + 1, row[j + 1] + 1)
                (diagonal, row[j + 1]) = (row[j + 1], cost)
            }
        }
        return row[b.count]
    }

    /// The one of these that was most likely meant, in whatever case; nil if none is near.
    package func nearest(among known: [String]) -> String? {
        let typed = lowercased()
        let distances = known.map { name in
            let whole = name.lowercased()
            // Of a long name people type the beginning.
            let start = String(whole.prefix(typed.count)).distance(to: typed)
            let isStart = start <= typed.count * 2 / 5
            return (name: name, distance: Swift.min(whole.distance(to: typed), isStart ? start : .max))
        }
        guard let best = distances.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
            best.distance <= Swift.max(2, count / 2)
        else { return nil }
        return best.name
    }
}
