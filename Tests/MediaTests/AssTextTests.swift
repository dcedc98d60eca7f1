import Testing

@testable import Media

@Suite struct `Text for libass` {
    @Test func `has no character that means anything`() {
        #expect(AssText.escape("{\\b1}") == "\\{\\\u{2060}b1\\}")
        #expect(AssText.escape("a\\Nb\nc") == "a\\\u{2060}Nb c")
        #expect(AssText.escape("it's 100%, \"quoted\": yes;") == "it's 100%, \"quoted\": yes;")
        #expect(AssText.escape("\u{202E}x\u{0}") == "x")
    }

    @Test func `has times to the hundredth`() {
        #expect(AssText.time(0) == "0:00:00.00")
        #expect(AssText.time(3661.236) == "1:01:01.24")
        #expect(AssText.time(59.999) == "0:01:00.00")
    }

    @Test func `has colours backwards`() {
        #expect(AssText.colour(Colour(0x0102FF), alpha: 0x80) == "&H80FF0201")
        #expect(AssText.override(Colour(0xFFC857)) == "&H57C8FF&")
    }

    @Test func `keeps a font's name to a name`() {
        #expect(AssText.fontName("Noto Sans, 900\nStyle: x") == "Noto Sans 900Style x")
    }

    @Test func `is broken into even lines, and shortened where it must be`() {
        #expect(TextWidth.wrap("one two three four", width: 6, lines: 3) == ["one two", "three four"])
        #expect(TextWidth.wrap("short", width: 20, lines: 2) == ["short"])
        #expect(TextWidth.wrap("", width: 20, lines: 2).isEmpty)
        let cut = TextWidth.wrap("one two three four five six seven", width: 5, lines: 2)
        #expect(cut.count == 2)
        #expect(cut.last?.last == "…")
        #expect(cut.allSatisfy { TextWidth.ems($0) <= 5 })
        let long = TextWidth.wrap(String(repeating: "x", count: 40), width: 10, lines: 5)
        #expect(long.joined() == String(repeating: "x", count: 40))
    }
}
