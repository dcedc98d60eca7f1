import Foundation
import Production
import Testing

@Suite struct `A publication's description` {
    private func publication(_ chapters: [(Double, String)], duration: Double, text: String = "About it.")
        -> Publication
    {
        let channel = Channel(
            id: Channel.ID(1), user: User.ID(1), name: "c", slug: "c", source: "/feed", language: "en", voice: nil,
            orientation: .landscape, palette: .ocean, length: 90, dailyAt: .midnight, review: false, state: .active,
            lastServed: nil)
        let storyboard = Storyboard(
            title: "T", description: text, tags: [], language: "en",
            source: Storyboard.Source(key: "k", title: "", link: nil, author: nil), scenes: [])
        let file = URL(fileURLWithPath: "/nowhere")
        return Publication(
            marker: "m", job: Job.ID(1), channel: channel, userName: "u", productionDay: "2026-11-22",
            publishedAt: Date(timeIntervalSince1970: 0), storyboard: storyboard, duration: duration, width: 2,
            height: 2,
            video: file, thumbnail: file, captions: file,
            chapters: chapters.map { VideoManifest.Chapter(start: $0.0, title: $0.1) })
    }

    private func lines(_ starts: Double..., duration: Double) -> [String] {
        let text = publication(starts.enumerated().map { ($1, "Part \($0 + 1)") }, duration: duration).description
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func `has the chapters at its end, each with a time`() {
        #expect(
            lines(0, 10.9, 75, duration: 90) == ["About it.", "", "0:00 Part 1", "0:10 Part 2", "1:15 Part 3"])
        #expect(
            lines(0, 600, 3700, duration: 4000) == ["About it.", "", "0:00 Part 1", "10:00 Part 2", "1:01:40 Part 3"])
    }

    @Test func `has none where YouTube would take none`() {
        let alone = ["About it."]
        #expect(lines(0, 30, duration: 60) == alone)
        #expect(lines(1, 30, 60, duration: 90) == alone)
        #expect(lines(0, 9, 60, duration: 90) == alone)
        #expect(lines(0, 30, 60, duration: 69) == alone)
        #expect(lines(0, 60, 30, duration: 90) == alone)
        #expect(lines(0, 30, .nan, duration: 90) == alone)
        #expect(lines(0, 30, 60, duration: .infinity) == alone)
        #expect(lines(duration: 90) == alone)
    }

    @Test func `has chapters of one line, without angle brackets`() {
        let text = publication([(0, "A\n00:05 <b>"), (10, "B"), (20, "C")], duration: 30).description
        #expect(text == "About it.\n\n0:00 A 00:05 b\n0:10 B\n0:20 C")
        #expect(publication([(0, " \n"), (10, "B"), (20, "C")], duration: 30).description == "About it.")
    }

    @Test func `goes without the chapters where it would be too long`() {
        let chapters = [(0.0, "A"), (10, "B"), (20, "C")]
        let long = String(repeating: "x", count: Storyboard.descriptionLimit)
        #expect(publication(chapters, duration: 30, text: long).description == long)
        let short = String(long.dropLast("\n\n0:00 A\n0:10 B\n0:20 C".count))
        #expect(publication(chapters, duration: 30, text: short).description.count == Storyboard.descriptionLimit)
    }
}
