/// The tokens as one text for espeak-ng, and which token each of its positions belongs to.
struct EspeakText {
    let text: String
    /// Where each token lies, in Unicode scalars, without the blank after it; nil for a silent one.
    private let places: [Range<Int>?]

    init(_ tokens: [[SpokenWord]]) {
        var text = String.UnicodeScalarView()
        var length = 0
        places = tokens.map { words in
            let start = length
            for word in words {
                let sayable = word.harmless.unicodeScalars
                guard sayable.contains(where: { !$0.properties.isWhitespace }) else { continue }
                text.append(contentsOf: sayable)
                length += sayable.count
                if let pause = word.pause {
                    text.append(contentsOf: pause.rawValue.unicodeScalars)
                    length += 1
                }
                text.append(" ")
                length += 1
            }
            return start < length ? start..<(length - 1) : nil
        }
        self.text = String(text)
    }

    var isEmpty: Bool { text.isEmpty }

    /// When each token is heard, in samples.
    ///
    /// The library's word events are not our words: a number gives one for each group of digits, a dash one that points
    /// back, a letter of a foreign script one each. So each event is given to the token that it points into; a token
    /// begins at its first event and lasts until the next token's; an event that points back belongs to nobody.
    func spans(of events: [EspeakCapture.Event], length: Int) -> [Range<Int>?] {
        var starts = [Int?](repeating: nil, count: places.count)
        var token = 0
        var begun = -1
        var latest = 0
        for event in events {
            while token < places.count, places[token].map({ event.position > $0.upperBound }) ?? true { token += 1 }
            guard token < places.count else { break }
            guard let place = places[token], event.position >= place.lowerBound, token > begun else { continue }
            latest = max(latest, event.sample)
            starts[token] = latest
            begun = token
        }
        var end = length
        var spans = [Range<Int>?](repeating: nil, count: places.count)
        for index in starts.indices.reversed() {
            guard let start = starts[index] else { continue }
            if start < end { spans[index] = start..<end }
            end = min(start, end)
        }
        return spans
    }
}
