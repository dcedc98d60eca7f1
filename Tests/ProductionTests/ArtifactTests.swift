import FoundationEssentials
import Production
import Testing

@Suite struct `An artifact's id` {
    private let bytes = (0..<32).map { UInt8($0 * 8 + 7) }
    private let hex = "070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff"

    @Test func `prints as lower-case hexadecimal and is read from either case`() throws {
        let id = try #require(Artifact.ID(bytes: bytes))
        #expect(id.description == hex)
        #expect(Artifact.ID(hex: hex) == id)
        #expect(Artifact.ID(hex: hex.uppercased()) == id)
    }

    @Test func `is 32 bytes and nothing else`() {
        #expect(Artifact.ID(bytes: Array(bytes.dropLast())) == nil)
        #expect(Artifact.ID(bytes: bytes + [0]) == nil)
        #expect(Artifact.ID(bytes: []) == nil)
        let wrong = [
            "", String(hex.dropLast()), hex + "00", hex.dropLast() + "g", "0x" + hex.dropLast(2), hex.dropLast() + "ｆ",
        ]
        for text in wrong { #expect(Artifact.ID(hex: text) == nil, "\(text)") }
    }
}

@Suite struct `Spoken tokens` {
    @Test func `are what white space divides, punctuation attached`() {
        #expect(
            spokenTokens(of: "  Dr. Smith's\n“4,096”\u{A0}— it's\tover-cool! ") == [
                "Dr.", "Smith's", "“4,096”", "—", "it's", "over-cool!",
            ])
        #expect(spokenTokens(of: " \n\u{3000}") == [])
    }

    @Test func `together say all that was written`() {
        let text = "One, two;  three\r\nfour\u{2003}five."
        #expect(spokenTokens(of: text).joined() == text.filter { !$0.isWhitespace })
    }
}

@Suite struct `What a stage keeps as JSON` {
    private func copy<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    }

    @Test func `is a storyboard that reads back as it was written`() throws {
        let picture = PictureBrief(about: "a \"quoted\" \\ café 🚀", file: "/pictures/a b.png")
        let storyboard = Storyboard(
            title: "Zeile\n\u{2028}zwei", description: "https://example.org/?a=1&b=2", tags: ["a", "ä"],
            language: "de-AT",
            source: Storyboard.Source(key: "k/1", title: "", link: "https://example.org/", author: nil),
            scenes: [
                Storyboard.Scene(kind: .opening, narration: "Hallo.", heading: "", picture: picture),
                Storyboard.Scene(kind: .body, narration: "B.", heading: "H", picture: PictureBrief(about: "")),
                Storyboard.Scene(kind: .closing, narration: "C.", heading: "H", picture: picture),
            ])
        #expect(try copy(storyboard) == storyboard)
        #expect(storyboard.version == 1)
    }

    @Test func `is a narration, its times to the last bit`() throws {
        let narration = Narration(
            voice: "slt", duration: 0.1 + 0.2, scenes: [Narration.Span(start: 1.0 / 3, end: .pi)],
            words: [Narration.Word(text: "“Hi”", scene: 0, start: 0.1, end: .leastNonzeroMagnitude)])
        #expect(try copy(narration) == narration)
        #expect(narration.version == 1)
    }

    @Test func `is a manifest`() throws {
        let manifest = VideoManifest(width: 1_920, height: 1_080, frames: 2_701, duration: 90.0 + 1.0 / 30)
        #expect(try copy(manifest) == manifest)
        #expect(manifest.version == 1)
    }

    @Test func `names identifiers and providers plainly`() throws {
        #expect(try JSONEncoder().encode([User.ID(7)]) == Data("[7]".utf8))
        #expect(try JSONDecoder().decode([ProviderName].self, from: Data(#"["own"]"#.utf8)) == [.own])
        let error = JobError(stage: .voice, provider: "flite", asked: "a", answer: "b", next: "c")
        #expect(try copy(error) == error)
        #expect(try copy([Stage.render: 1]) == [.render: 1])
    }
}
