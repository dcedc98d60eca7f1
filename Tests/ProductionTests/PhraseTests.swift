import Production
import Testing

@Suite struct `A channel's phrases` {
    private static let brief = Channel.Brief(greeting: "Welcome to the harbour.", farewell: "Fair winds. Good night.")

    private func story(_ scenes: [(narration: String, phrases: [String]?)]) -> Storyboard {
        Storyboard(
            title: "T", description: "", tags: [], language: "en",
            source: .init(key: "k", title: "t", link: nil, author: nil),
            scenes: scenes.map {
                .init(
                    kind: .body, narration: $0.narration, heading: "", picture: PictureBrief(about: "x"),
                    phrases: $0.phrases)
            })
    }

    @Test func `stand around the story, and what is told is what is left`() throws {
        let framed = story([("A ship came in.", []), ("It left again. Source: The Log.", ["Source: The Log."])])
            .framed(by: Self.brief)
        #expect(
            framed.scenes.map(\.narration) == [
                "Welcome to the harbour. A ship came in.", "It left again. Source: The Log. Fair winds. Good night.",
            ])
        #expect(framed.scenes.map(\.told) == ["A ship came in.", "It left again."])
        let tokens = spokenTokens(of: framed.scenes[1].narration)
        let ranges = framed.scenes[1].phraseRanges(in: tokens)
        #expect(ranges.before == [] && ranges.after == [3..<6, 6..<10])
    }

    @Test func `may all stand in one scene`() {
        let framed = story([("A ship came in.", nil)]).framed(by: Self.brief)
        #expect(framed.scenes[0].told == "A ship came in.")
        #expect(story([("All of it.", ["All of it."])]).scenes[0].told == "")
        #expect(story([("A ship.", ["Another phrase."])]).scenes[0].told == "A ship.", "one that is not there")
    }

    @Test func `are no likeness between two scripts`() {
        let (one, two) = (story([("Red boats race.", [])]), story([("Blue kites rise slowly.", [])]))
        let likeness = Shingles(of: one.framed(by: Self.brief)).resemblance(
            to: Shingles(of: two.framed(by: Self.brief)))
        #expect(likeness == 0)
    }
}
