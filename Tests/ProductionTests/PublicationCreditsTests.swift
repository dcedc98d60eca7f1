import Foundation
import Production
import Testing

@Suite struct `A publication's credits` {
    private func text(_ words: String, chapters: Int = 0, credits: [String] = []) throws -> String {
        let file = URL(filePath: "/nowhere")
        return Publication(
            marker: "m", job: Job.ID(1),
            channel: Channel(
                id: Channel.ID(3), user: User.ID(2), name: "Sea", slug: "sea", source: "sea.md", language: "en",
                voice: nil, orientation: .landscape, palette: .ocean, length: 90,
                dailyAt: try #require(TimeOfDay("07:00")), review: false, state: .active, lastServed: nil),
            userName: "Ada", productionDay: "2026-01-02", publishedAt: Date(timeIntervalSince1970: 0),
            storyboard: Storyboard(
                title: "T", description: words, tags: [], language: "en",
                source: .init(key: "k", title: "t", link: nil, author: nil), scenes: []),
            duration: 90, width: 1_920, height: 1_080, video: file, thumbnail: file, captions: file,
            chapters: (0..<chapters).map { .init(start: Double($0) * 30, title: "Part \($0)") }, credits: credits
        ).description
    }

    @Test func `is the story's, then the chapters, then who made what is shown`() throws {
        #expect(try text("Words.") == "Words.")
        #expect(try text("Words.", chapters: 3) == "Words.\n\n0:00 Part 0\n0:30 Part 1\n1:00 Part 2")
        #expect(
            try text("Words.", chapters: 3, credits: ["From Pexels", "Film by Ada"])
                == "Words.\n\n0:00 Part 0\n0:30 Part 1\n1:00 Part 2\n\nFrom Pexels\nFilm by Ada")
        #expect(try text("", credits: ["From Pexels"]) == "From Pexels")
    }

    @Test func `does without chapters, then with fewer words, but never without credits`() throws {
        let credits = (0..<10).map { "Film by \($0)" }
        let (long, longer) = (String(repeating: "w", count: 4_870), String(repeating: "w", count: 5_000))
        #expect(try text(long, chapters: 3, credits: credits) == long + "\n\n" + credits.joined(separator: "\n"))
        let cut = try text(longer, chapters: 3, credits: credits)
        #expect(cut.count == 5_000 && cut.hasSuffix("w…\n\n" + credits.joined(separator: "\n")))
        let many = (0..<600).map { "Film by \($0)" }
        #expect(try text(longer, credits: many).count == 5_000)
    }
}
