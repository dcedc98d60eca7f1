import Foundation
import Production
import Testing

@testable import Stock

@Suite struct `What is shown where` {
    private func kinds(_ taste: StockTaste, scenes: Int, seed: UInt64) -> [StockItem.Kind?] {
        (0..<scenes).map { scene in
            taste.kinds(
                at: StockPlace(scene: scene, part: 0), of: scene == 0 ? .opening : .body, seed: seed
            ).first
        }
    }

    @Test func `is mixed: never all films, never three of a kind in a row, and begins with a film`() {
        var rows: Set<[StockItem.Kind?]> = []
        for seed in 0..<200 as Range<UInt64> {
            let row = kinds(.mixed, scenes: 12, seed: seed)
            #expect(row[0] == .film)
            #expect((5...7).contains(row.count { $0 == .film }), "\(row)")
            #expect((2...4).contains(row.count { $0 == .photo }), "\(row)")
            #expect((1...2).contains(row.count { $0 == nil }), "drawn: \(row)")
            for index in 2..<12 { #expect(Set(row[(index - 2)...index]).count > 1) }
            rows.insert(row)
        }
        #expect(rows.count > 3, "not all videos are mixed alike")
    }

    @Test func `is what a person prefers, and else the other`() {
        #expect(kinds(.films, scenes: 5, seed: 1).allSatisfy { $0 == .film })
        #expect(kinds(.photos, scenes: 5, seed: 1).allSatisfy { $0 == .photo })
        #expect(StockTaste.films.kinds(at: StockPlace(scene: 1, part: 0), of: .body, seed: 1) == [.film, .photo])
    }

    @Test func `changes within a scene`() {
        let parts = (0..<2).map { StockTaste.mixed.kinds(at: .init(scene: 0, part: $0), of: .opening, seed: 3) }
        #expect(parts == [[.film, .photo], [.photo, .film]])
    }
}

@Suite struct `The words that are looked for` {
    private func queries(_ about: String, _ widening: [String] = []) -> [String] {
        Widening.queries(for: StockShop.wish(about, widening: widening))
    }

    @Test func `become fewer, the telling ones last`() {
        #expect(
            queries("An old lighthouse on the stormy Atlantic coast by night") == [
                "old lighthouse stormy atlantic coast night", "lighthouse stormy atlantic", "lighthouse",
            ])
    }

    @Test func `are each asked once, in lower case, whatever stands between them`() {
        #expect(queries("Sea, sea; SEA!", ["sea", "The Sea Today"]) == ["sea", "the sea today"])
        #expect(queries("", ["", "x"]) == [])
        #expect(queries("灯台", ["海"]) == ["灯台", "海"])
    }

    @Test func `make a query that any library takes`() {
        let query = StockShop.query(.film, Array(repeating: "lighthouse", count: 30).joined(separator: " "))
        #expect(query.words.count <= 100 && query.words.hasSuffix("lighthouse"))
        #expect(StockShop.query(.film, " Sea\n & CITY?") == StockShop.query(.film, "sea city"))
    }
}

@Suite struct `The size that is chosen` {
    private func best(_ sizes: [(Int, Int)], _ width: Int, _ height: Int) -> [Int]? {
        Coverage.smallest(of: sizes, covering: width, height, by: { (width: $0.0, height: $0.1) }).map { [$0.0, $0.1] }
    }

    @Test func `is the smallest that covers the frame, else the largest that is not much too small`() {
        let sizes = [(640, 360), (3_840, 2_160), (1_280, 720), (1_920, 1_080)]
        #expect(best(sizes, 1_280, 720) == [1_280, 720])
        #expect(best(sizes, 1_281, 720) == [1_920, 1_080])
        #expect(best([(960, 540), (640, 360)], 1_920, 1_080) == [960, 540])
        #expect(best([(959, 540)], 1_920, 1_080) == nil)
        #expect(best([], 1_920, 1_080) == nil)
    }

    @Test func `is of a shape that fills the frame`() {
        #expect(Coverage.fits((1_920, 1_080), in: 1_440, 1_080))
        #expect(!Coverage.fits((1_920, 1_080), in: 1_080, 1_080), "more than two fifths of it would be lost")
        #expect(!Coverage.fits((1_920, 1_080), in: 1_080, 1_920))
        #expect(!Coverage.fits((0, 1_080), in: 1_080, 1_920))
    }
}
