import Fleet
import Foundation
import Testing

@Suite struct `Ids of attempts, reservations and cost rows` {
    @Test func `sort in the order in which they were made, and are never the same`() {
        var random = SystemRandomNumberGenerator()
        let ids = (0..<1_000).map {
            UUID.ordered(at: Date(timeIntervalSince1970: 1_790_000_000 + Double($0) / 1_000), using: &random)
        }
        #expect(ids.map(\.uuidString) == ids.map(\.uuidString).sorted())
        let atOnce = (0..<1_000).map { _ in UUID.ordered(at: Date(timeIntervalSince1970: 0), using: &random) }
        #expect(Set(atOnce).count == 1_000)
    }

    @Test func `say that they are of version 7`() {
        let words = UUID.ordered().uuidString.split(separator: "-")
        #expect(words[2].first == "7")
        #expect("89AB".contains(words[3].prefix(1)))
    }

    @Test func `carry the moment in which they were made`() {
        var random = SystemRandomNumberGenerator()
        // RFC 9562, appendix A.6: 2022-02-22T19:22:22.000Z
        let id = UUID.ordered(at: Date(timeIntervalSince1970: 1_645_557_742), using: &random)
        #expect(id.uuidString.hasPrefix("017F22E2-79B0-7"))
    }
}
