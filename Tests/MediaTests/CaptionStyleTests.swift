import Foundation
import Media
import Testing

@Suite struct `A caption style` {
    static let fields =
        "DejaVu Serif,64,&H00FFFFFF,&H0000A5FF,&H00202020,&H80000000,1,1,0,0,100,100,2,0,3,8,0,2,100,100,120,1"

    @Test func `of one's own is taken when all of its fields can be used`() throws {
        try CaptionStyle.custom(ass: Self.fields).check()
        try CaptionStyle.custom(ass: Self.fields.replacing(",", with: " , ")).check()
        for design in CaptionStyle.designs { try design.style.check() }
    }

    @Test(arguments: [
        ("", "22"), ("Arial,20", "22"), (fields + ",1", "22"),
        (fields.replacing("DejaVu Serif", with: "{\\p1}"), "Fontname"),
        (fields.replacing("DejaVu Serif", with: ""), "Fontname"),
        (fields.replacing(",64,", with: ",9e9,"), "Fontsize"), (fields.replacing(",64,", with: ",nan,"), "Fontsize"),
        (fields.replacing("&H00FFFFFF", with: "white"), "PrimaryColour"),
        (fields.replacing("&H0000A5FF", with: "&H0000A5FF\nDialogue: 0"), "SecondaryColour"),
        (fields.replacing("&H80000000", with: "&H80000000000"), "BackColour"),
        (fields.replacing(",2,100,100,120,1", with: ",10,100,100,120,1"), "Alignment"),
        (fields.replacing(",120,1", with: ",-5,1"), "MarginV"),
    ])
    func `that can't be used is refused with the field's name`(text: String, field: String) throws {
        #expect {
            try CaptionStyle.custom(ass: text).check()
        } throws: {
            let error = $0 as? MediaError
            return error?.code == .invalid && error?.reason.contains(field) == true
        }
        #expect(throws: MediaError.self) {
            try Cut(
                shots: [Shot(.plain(Colour(0)), frames: 0..<30)],
                captions: Captions([], style: .custom(ass: text), in: .horizontal), sound: SoundTrack(narration: nil))
        }
    }

    @Test func `is written by its name`() throws {
        let styles: [CaptionStyle] = [.quiet, .pill, .punch, .custom(ass: Self.fields)]
        let json = try JSONEncoder().encode(styles)
        #expect(String(decoding: json, as: UTF8.self).hasPrefix(#"["quiet","pill","punch",{"ass":"#))
        #expect(try JSONDecoder().decode([CaptionStyle].self, from: json) == styles)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([CaptionStyle].self, from: Data(#"["loud"]"#.utf8))
        }
    }

    @Test func `is quiet where an older program didn't know of styles`() throws {
        let captions = try JSONDecoder().decode(
            Captions.self,
            from: Data(
                #"{"pages":[{"lines":[[{"text":"Hello","start":0,"end":1}]],"start":0,"end":1}]}"#.utf8))
        #expect(captions.style == .quiet)
        #expect(captions.pages.first?.text == ["Hello"])
    }

    @Test func `says how much is shown at a time`() {
        let words = `The captions`.prose.split(separator: " ").enumerated().map {
            TimedWord(String($1), start: Double($0) * 0.3, end: Double($0) * 0.3 + 0.27)
        }
        let quiet = Captions(words, style: .quiet, in: .horizontal)
        let punch = Captions(words, style: .punch, in: .vertical)
        #expect(quiet.pages.flatMap(\.text).allSatisfy { $0.count <= 42 })
        #expect(punch.pages.count > 2 * quiet.pages.count)
        #expect(punch.pages.allSatisfy { (1...4).contains($0.lines.joined().count) && $0.lines.count <= 2 })
        for captions in [quiet, punch] {
            #expect(captions.pages.flatMap(\.lines).joined().map(\.text) == words.map(\.text))
        }
    }
}
