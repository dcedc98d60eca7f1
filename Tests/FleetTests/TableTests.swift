import Testing

@testable import ytempire

@Suite struct `A table` {
    @Test func `lines its columns up, without blanks at the end`() {
        var table = Table("JOB", "TITLE", empty: "none")
        table.add("1", "a")
        table.add("12345", "bc")
        #expect(table.text == "JOB    TITLE\n1      a\n12345  bc\n")
    }

    @Test func `says so when it is empty`() {
        #expect(Table("JOB", empty: "There are no jobs.").text == "There are no jobs.\n")
    }

    @Test(arguments: ["long text ", "漢字かな", "🗼🎉", "é", "مرحبا "])
    func `is as wide as it is told at most`(_ text: String) {
        var table = Table("JOB", "USER", "TITLE", "ERROR", empty: "")
        table.add("1", String(repeating: text, count: 30), String(repeating: text, count: 80), "x")
        table.add("2", "anna", "short", "y")
        let lines = table.text(width: 100).split(separator: "\n").map { displayWidth(String($0)) }
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0 <= 100 }, "\(table.text(width: 100))")
        #expect(table.text(width: 100).contains("…"))
        #expect(table.text(width: 100).contains("anna  "), "narrow columns stay whole")
    }

    @Test func `gives up what is worth little before it cuts what is asked for`() {
        var table = Table(
            "JOB", "DAY", Column("CHANNEL", .clipped), Column("CHANGED", .dropped), Column("USD", .dropped),
            Column("ERROR", .clippedInMiddle), empty: "")
        let path = "open /srv/ytempire/published/kitchen-science: Not a directory"
        table.add("17", "2026-11-21", "Kitchen Science", "10.3 s ago", "0.000474", path)
        table.add(
            "18", "2026-11-21", "Light and Water", "10.3 s ago", "0.000002", "A title that is much too long for this")
        #expect(table.text(width: .max).contains("10.3 s ago  0.000474  \(path)"), "in a pipe nothing is cut")
        #expect(table.text(width: 100).contains("10.3 s ago") && !table.text(width: 70).contains("USD"))
        let narrow = table.text(width: 60)
        #expect(!narrow.contains("CHANGED") && narrow.contains("2026-11-21") && narrow.contains("a directory"))
        #expect(narrow.contains("A title that") && !narrow.contains("for this"), "the end of a title tells less")
        #expect(narrow.split(separator: "\n").allSatisfy { displayWidth(String($0)) <= 60 })
        #expect(clippedInMiddle("漢字かな/漢字", to: 8).count <= 8 && clippedInMiddle("abcdefghij", to: 7) == "ab…ghij")
    }

    @Test func `keeps to its lines whatever the cells hold`() {
        var table = Table("A", "B", empty: "")
        table.add("one\ntwo", "\u{1B}[31mred\u{9B}0m")
        #expect(table.text.split(whereSeparator: \.isNewline).count == 2)
        #expect(!table.text.contains("\u{1B}") && !table.text.contains("\u{9B}"))
    }

    @Test(arguments: [
        ("", 0), ("abc", 3), ("漢字", 4), ("한글", 4), ("🗼", 2), ("👩‍🚀", 2), ("e\u{301}", 1), ("a\u{200D}", 1), ("\u{1B}", 0),
        ("ｆ", 2),
    ])
    func `knows how wide letters are`(_ text: String, _ width: Int) {
        #expect(displayWidth(text) == width)
    }
}
