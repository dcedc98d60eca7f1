import Testing

@testable import OfflinePublisher

@Suite struct `A file slug` {
    @Test(arguments: [
        ("Why the sea is salt", "why-the-sea-is-salt"),
        ("  Déjà vu: Größe & Übermut! ", "deja-vu-groesse-uebermut"),
        ("Cafe\u{301} u\u{308}ber alles", "cafe-ueber-alles"),
        ("Łódź, Århus, Œuvre, Þór, Việt Nam, İstanbul", "lodz-arhus-oeuvre-thor-viet-nam-istanbul"),
        ("It isn’t Smith's", "it-isnt-smiths"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("a\u{0}b\nc\td", "a-b-c-d"),
        ("%{}:\\'x", "x"),
        ("]]> & <b>\"bold\"</b>", "b-bold-b"),
        ("10 % of 3.5", "10-of-3-5"),
        ("🎉🎉 Party 🎉", "party"),
    ])
    func `is made of the title's plain letters`(title: String, slug: String) {
        #expect(FileSlug(title, fallback: "video-1").description == slug)
    }

    @Test(arguments: ["", "🎉👩‍👩‍👧", "مرحبا بالعالم", "日本語", "../..", "\u{0}", "---"])
    func `falls back where nothing is left`(title: String) {
        #expect(FileSlug(title, fallback: "video-9").description == "video-9")
    }

    @Test func `ends at a word, within sixty characters`() {
        let slug = FileSlug(String(repeating: "wonderful ", count: 30), fallback: "x").description
        #expect(slug == "wonderful-wonderful-wonderful-wonderful-wonderful-wonderful")
        #expect(FileSlug(String(repeating: "ä", count: 300), fallback: "x").description.utf8.count == 60)
    }
}
