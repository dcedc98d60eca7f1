import Feeds
import Foundation
import Production
import Testing

@testable import OfflineScript

@Suite struct `A storyboard` {
    private func storyboard(
        _ item: FeedItem, language: String = "en", length: Int = 90, feed: String? = "The Lamp Room"
    ) throws -> Storyboard {
        try #require(
            StoryboardExtract(
                item: item, feed: Samples.feed([item], title: feed),
                channel: Samples.channel("x", language: language, length: length))?
                .storyboard)
    }

    private func words(_ storyboard: Storyboard) -> Int {
        storyboard.scenes.reduce(0) { $0 + spokenTokens(of: $1.narration).count }
    }

    /// Letters and digits only, so that added full stops and lost brackets count for nothing.
    private func bare(_ text: String) -> String { text.filter { $0.isLetter || $0.isNumber } }

    @Test(arguments: [("en", Samples.english), ("de", Samples.german), ("fr", Samples.french)])
    func `says what the source says, in its order, and nothing else but the attribution`(language: String, text: String)
        throws
    {
        let board = try storyboard(Samples.item(text), language: language)
        let source = bare(text)
        var place = source.startIndex
        let label = ["en": "Source: ", "de": "Quelle: ", "fr": "Source : "][language] ?? ""
        #expect(board.scenes.last?.narration.hasSuffix(label + "The Lamp Room.") == true)
        for scene in board.scenes {
            let told = scene.narration.replacing(label + "The Lamp Room.", with: "").replacing("A title.", with: "")
            for sentence in Sentences(language: language).split(told) {
                let range = try #require(source[place...].firstRange(of: bare(sentence)), "\(sentence)")
                place = range.upperBound
            }
        }
    }

    @Test(arguments: [("en", Samples.english), ("de", Samples.german), ("fr", Samples.french)])
    func `has an opening, four to eight scenes and a closing of one to three sentences each`(
        language: String, text: String
    ) throws {
        let board = try storyboard(Samples.item(text), language: language)
        #expect((6...10).contains(board.scenes.count))
        #expect(
            board.scenes.map(\.kind) == [.opening] + Array(repeating: .body, count: board.scenes.count - 2) + [.closing]
        )
        for scene in board.scenes where scene.kind == .body {
            #expect((1...3).contains(Sentences(language: language).split(scene.narration).count))
        }
    }

    @Test(arguments: [30, 60, 90, 120, 300]) func `fills the channel's length`(length: Int) throws {
        let board = try storyboard(Samples.item(Samples.longArticle(words: 1_500)), length: length)
        let seconds = Double(words(board)) / 150 * 60 + 0.6 * Double(board.scenes.count - 1)
        #expect(seconds > Double(length) * 0.85 && seconds < Double(length) * 1.15)
    }

    @Test(arguments: [("en", Samples.english), ("de", Samples.german), ("fr", Samples.french)])
    func `has headings that are whole`(language: String, text: String) throws {
        let cut: Set<String> = [
            "of", "the", "and", "a", "in", "der", "die", "das", "und", "von", "de", "la", "le", "et", "du", "with",
            "to",
        ]
        let board = try storyboard(Samples.item(text), language: language)
        for heading in board.scenes.map(\.heading) where !heading.isEmpty {
            let words = heading.lowercased().split(separator: " ")
            #expect((1...6).contains(words.count), "\(heading)")
            #expect(!cut.contains(String(words.last ?? "")), "\(heading)")
            #expect(heading.first?.isLowercase == false, "\(heading)")
        }
        #expect(board.scenes.count { !$0.heading.isEmpty } >= board.scenes.count - 2)
    }

    @Test func `speaks no address, note, emoji or markup`() throws {
        let board = try storyboard(Samples.item("**Bold** words " + Samples.english))
        let spoken = board.scenes.map(\.narration).joined(separator: " ")
        for trace in ["http", "[1]", "😀", "**", "#", "example.org"] { #expect(!spoken.contains(trace), "\(trace)") }
    }

    @Test func `tells a short item in less time`() throws {
        let board = try storyboard(
            Samples.item(
                "The old lighthouse of Hook Head has stood for eight hundred years. Monks lit its first fire to warn the sailors. Its walls are four metres thick."
            ))
        #expect(board.scenes.count == 3 && words(board) < 60)
        let single = try storyboard(
            Samples.item(
                "The old lighthouse of Hook Head has stood for eight hundred years on the coast of Ireland, and monks lit the first fire there to warn the sailors below."
            ))
        #expect(single.scenes.map(\.kind) == [.opening, .closing])
    }

    @Test func `is not made of an item without enough text`() throws {
        for text in ["", "Too short.", "![only](a.png)", "https://example.org/only-a-link"] {
            let item = Samples.item(text)
            #expect(try StoryboardExtract(item: item, feed: Samples.feed([item]), channel: Samples.channel("x")) == nil)
        }
    }

    @Test func `keeps emoji and right-to-left words in the title, and does not speak them`() throws {
        let board = try storyboard(Samples.item(Samples.english, title: "🔥 Glass %{}:\\' from sand 🏝️"))
        #expect(board.title == "🔥 Glass %{}:\\' from sand 🏝️")
        #expect(!board.scenes[0].narration.contains("🔥"))
        let hebrew = try storyboard(Samples.item(Samples.english, title: "זכוכית מחול"))
        #expect(hebrew.title == "זכוכית מחול" && hebrew.scenes[0].narration.hasPrefix("Glass was discovered"))
    }

    @Test func `keeps YouTube's limits`() throws {
        var item = Samples.item(
            Samples.longArticle(words: 6_000), title: String(repeating: "Long <b>words</b> & more ", count: 20))
        item.author = String(repeating: "Ann ", count: 2_000)
        let board = try storyboard(item)
        #expect(
            board.title.utf16.count <= Storyboard.titleLimit && board.title.hasSuffix("…")
                && !board.title.contains { "<>".contains($0) })
        #expect(
            board.description.utf16.count <= Storyboard.descriptionLimit
                && !board.description.contains { "<>".contains($0) })
        #expect(board.description.contains("https://www.example.org/a"))
        #expect(board.tags.reduce(0) { $0 + $1.utf16.count + 3 } <= Storyboard.tagsLimit)
        #expect(
            Set(board.tags).count == board.tags.count && board.tags.allSatisfy { $0 == $0.lowercased() }
                && !board.tags.isEmpty)
    }

    @Test func `is the same every time`() throws {
        #expect(try storyboard(Samples.item(Samples.english)) == storyboard(Samples.item(Samples.english)))
    }

    @Test func `names the site where the source has no name`() throws {
        var item = Samples.item(Samples.english)
        item.author = nil
        #expect(try storyboard(item, feed: nil).scenes.last?.narration.hasSuffix("Source: example.org.") == true)
        #expect(try storyboard(item, language: "fi").scenes.last?.narration.hasSuffix(" The Lamp Room.") == true)
    }

    @Test func `parts a text without full stops`() throws {
        let text = (0..<300).map { "word\($0)" }.joined(separator: " ")
        let board = try storyboard(Samples.item(text))
        #expect(board.scenes.count > 4)
        for scene in board.scenes { #expect(spokenTokens(of: scene.narration).count < 100) }
    }

    @Test func `shows a picture in the scene of its paragraph`() async throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("png".utf8).write(to: folder.appending(path: "lens.png"))
        let text = Samples.english.replacing("## Flat and wide", with: "![A lens](lens.png)\n\n## Flat and wide")
        var item = Samples.item(text)
        item.body.folder = folder.path
        let board = try storyboard(item)
        let shown = board.scenes.filter { $0.picture.file != nil }
        #expect(shown.count == 1 && shown[0].picture.file == folder.path + "/lens.png")
        #expect(["Galileo", "lenses", "Microscopes", "Spectacles"].contains { shown[0].narration.contains($0) })
        #expect(board.scenes.allSatisfy { !$0.picture.about.isEmpty })
    }
}
