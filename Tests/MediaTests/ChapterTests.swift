import Media
import Testing

@Suite struct `Chapters in a description` {
    private func chapters(_ starts: Double...) -> [Chapter] {
        starts.enumerated().map { Chapter(start: $1, title: "Part \($0 + 1)") }
    }

    @Test func `are lines with a time`() {
        #expect(chapters(0, 10.9, 75).youTubeDescription(duration: 90) == "00:00 Part 1\n00:10 Part 2\n01:15 Part 3")
        #expect(
            chapters(0, 600, 3700).youTubeDescription(duration: 4000)
                == "0:00:00 Part 1\n0:10:00 Part 2\n1:01:40 Part 3")
    }

    @Test func `are none where YouTube would take none`() {
        #expect(chapters(0, 30).youTubeDescription(duration: 60) == "")
        #expect(chapters(1, 30, 60).youTubeDescription(duration: 90) == "")
        #expect(chapters(0, 9, 60).youTubeDescription(duration: 90) == "")
        #expect(chapters(0, 30, 60).youTubeDescription(duration: 69) == "")
        #expect(chapters(0, 60, 30).youTubeDescription(duration: 90) == "")
        #expect(chapters(0, 30, .nan).youTubeDescription(duration: 90) == "")
        #expect([Chapter]().youTubeDescription(duration: 90) == "")
    }

    @Test func `have titles of one line, without angle brackets`() {
        let list = [
            Chapter(start: 0, title: "A\n00:05 <b>"), Chapter(start: 10, title: "B"), Chapter(start: 20, title: "C"),
        ]
        #expect(list.youTubeDescription(duration: 30) == "00:00 A 00:05 b\n00:10 B\n00:20 C")
        let empty = [Chapter(start: 0, title: " \n"), Chapter(start: 10, title: "B"), Chapter(start: 20, title: "C")]
        #expect(empty.youTubeDescription(duration: 30) == "")
    }
}
