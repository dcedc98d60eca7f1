import Feeds
import Foundation
import Production
import Testing

@testable import OfflineScript

@Suite final class `The offline scriptwriter` {
    private let folder = NSTemporaryDirectory() + "script-" + UUID().uuidString
    private let writer = OfflineScriptwriter(reader: FeedReader())

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
        return folder + "/" + name
    }

    private func feed(_ name: String, _ items: [(key: String, date: String, text: String)]) throws -> String {
        let body = items.map {
            "<item><guid>\($0.key)</guid><title>Item \($0.key)</title><pubDate>\($0.date)</pubDate><description>\($0.text)</description></item>"
        }
        return try file(name, "<rss><channel><title>Feed</title>\(body.joined())</channel></rss>")
    }

    private func candidate(_ source: String, id: Int64 = 1, used: Set<String> = [], last: String? = nil) throws
        -> ScriptCandidate
    {
        ScriptCandidate(
            channel: try Samples.channel(source, id: id), usedItems: used, lastUsed: last.flatMap(FeedDate.read))
    }

    private func key(_ answer: ScriptAnswer) -> String? {
        if case .written(let storyboard, let channel) = answer { "\(channel)/\(storyboard.source.key)" } else { nil }
    }

    private let long = Samples.longArticle(words: 80).replacing("\n", with: " ")

    @Test func `goes to the next channel for something new, and back for something old`() async throws {
        let one = try feed("one.xml", [("a", "2024-05-01", long), ("b", "2024-05-02", long)])
        let two = try feed("two.xml", [("c", "2024-05-01", long)])
        func write(_ usedOne: Set<String>, _ usedTwo: Set<String>) async throws -> String? {
            key(
                try await writer.write(for: [
                    candidate(one, used: usedOne, last: usedOne.isEmpty ? nil : "2024-05-02"),
                    candidate(two, id: 2, used: usedTwo, last: usedTwo.isEmpty ? nil : "2024-05-01"),
                ]))
        }
        #expect(try await write([], []) == "1/b")
        #expect(try await write(["b"], []) == "2/c")
        #expect(try await write(["b"], ["c"]) == "1/a")
        #expect(try await write(["a", "b"], ["c"]) == nil)
    }

    @Test func `goes on with another channel when a source is bad`() async throws {
        let good = try feed("good.xml", [("a", "2024-05-01", long)])
        let answer = try await writer.write(for: [
            candidate(folder + "/none.xml"), candidate("http://127.0.0.1/x", id: 2), candidate(good, id: 3),
        ])
        #expect(key(answer) == "3/a")
    }

    @Test func `passes over items without enough text`() async throws {
        let source = try feed("feed.xml", [("new", "2024-05-03", "Too short."), ("old", "2024-05-01", long)])
        #expect(key(try await writer.write(for: [candidate(source)])) == "1/old")
    }

    @Test func `names the item when there is nothing to tell`() async throws {
        let source = try feed("feed.xml", [("new", "2024-05-03", "Too short.")])
        let failure = try await #require(throws: StageFailure.self) {
            try await self.writer.write(for: [self.candidate(source)])
        }
        #expect(
            failure.kind == .permanent && failure.answer.contains("Item new") && failure.asked.contains("Channel 1"))
    }

    @Test func `answers that nothing is new for an empty feed, and for no channels`() async throws {
        #expect(try await writer.write(for: [candidate(feed("empty.xml", []))]) == .nothingNew)
        #expect(try await writer.write(for: []) == .nothingNew)
    }

    @Test func `says whether trying again may help`() async throws {
        let page = try file("page.html", "<html><body>Hello")
        func failure(_ sources: [String]) async throws -> StageFailure {
            try await #require(throws: StageFailure.self) {
                try await self.writer.write(for: sources.enumerated().map { try self.candidate($1, id: Int64($0 + 1)) })
            }
        }
        let bad = try await failure([page])
        #expect(bad.kind == .permanent && bad.answer.contains(page) && bad.answer.contains("web page"))
        #expect(try await failure([folder + "/none.xml"]).kind == .transient())
        #expect(try await failure(["http://127.0.0.1/feed"]).kind == .permanent)
        #expect(try await failure([""]).kind == .permanent)
        let both = try await failure([page, folder + "/none.xml"])
        #expect(both.kind == .transient() && both.answer.contains("Channel 1") && both.answer.contains("Channel 2"))
    }

    @Test func `tells a text of six thousand words`() async throws {
        let source = try file("long.txt", "A long title\n\n" + Samples.longArticle(words: 6_000))
        guard case .written(let board, _) = try await writer.write(for: [candidate(source)]) else {
            return #expect(Bool(false))
        }
        #expect(board.title == "A long title" && (6...10).contains(board.scenes.count))
    }
}
