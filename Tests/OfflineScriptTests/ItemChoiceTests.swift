import Feeds
import Foundation
import Production
import Testing

@testable import OfflineScript

@Suite struct `The choice of an item` {
    private let items = [("a", 10.0), ("b", 30), ("c", nil), ("d", 20), ("e", nil)].map { key, date in
        FeedItem(
            key: key, title: key, link: nil, author: nil, date: date.map(Date.init(timeIntervalSince1970:)),
            body: ItemBody(.plain, key))
    }

    private func candidate(used: Set<String> = [], last: Double? = nil) throws -> ScriptCandidate {
        ScriptCandidate(
            channel: try Samples.channel("x"), usedItems: used, lastUsed: last.map(Date.init(timeIntervalSince1970:)))
    }

    @Test func `takes the newest first, then those without a date as they come`() throws {
        #expect(ItemChoice.new(in: items, for: try candidate()).map(\.key) == ["b", "d", "a", "c", "e"])
    }

    @Test func `takes as new only what is later than the last one used`() throws {
        #expect(ItemChoice.new(in: items, for: try candidate(used: ["d", "c"], last: 20)).map(\.key) == ["b", "e"])
    }

    @Test func `falls back to the oldest unused`() throws {
        #expect(ItemChoice.old(in: items, for: try candidate(used: ["b"], last: 30)).map(\.key) == ["a", "d"])
        #expect(ItemChoice.old(in: items, for: try candidate()).isEmpty)
    }
}
