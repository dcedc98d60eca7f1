import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import Stock
import Testing

@Suite struct `The Pexels library` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    @Test func `finds films and photos, and of each the smallest file that covers the video`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pexels = shop.pexels(peer)
            let films = try await pexels.search(StockShop.query(.film, "Sea", width: 1_000, height: 600), next: nil)
            #expect(films.items.count == 24 && films.next == nil && films.isFresh)
            let film = try #require(films.items.first)
            #expect(film.width == 1_280 && film.height == 720 && film.mime == "video/mp4" && film.duration == 8)
            #expect(film.name == .init("pexels", .film, "1001") && film.page == "https://www.pexels.com/video/1001/")
            #expect(film.author == "Peer 0" && film.authorPage == "https://www.pexels.com/@peer-0")
            #expect(film.licence == "Pexels License" && film.useNotice == nil)
            let photos = try await pexels.search(StockShop.query(.photo, "sea", width: 800, height: 450), next: nil)
            #expect(photos.items.first.map { [$0.width, $0.height] } == [940, 528], "its large size")
            let large = try await pexels.search(StockShop.query(.photo, "sea", width: 2_400, height: 1_350), next: nil)
            #expect(large.items.first.map { [$0.width, $0.height] } == [2_560, 1_440], "the original")
            #expect(!large.isFresh, "another size of the same question is the same question")
            #expect(peer.searches == 2)
        }
    }

    @Test func `is asked for upright films, in the words' language`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let query = StockShop.query(
                .film, "meer sea", width: 360, height: 640, orientation: .portrait, language: "de-AT")
            let page = try await shop.pexels(peer).search(query, next: nil)
            #expect(page.items.first.map { [$0.width, $0.height] } == [360, 640])
            let asked = try #require(peer.server.requests.first?.head.uri)
            #expect(asked.contains("orientation=portrait") && asked.contains("locale=de-DE"))
            #expect(asked.contains("query=meer%20sea"))
        }
    }

    @Test func `gives its next part by the address that it told`() async throws {
        try await PexelsPeer.with(key: StockShop.key, perPage: 10, media: media) { [shop] peer in
            let (pexels, query) = (shop.pexels(peer), StockShop.query(.film, "sea"))
            var (next, names): (String?, Set<StockItem.Name>) = (nil, [])
            for count in [10, 20, 24] {
                let page = try await pexels.search(query, next: next)
                names.formUnion(page.items.map(\.name))
                next = page.next
                #expect(names.count == count && (next == nil) == (count == 24))
            }
        }
    }

    @Test func `is not followed with the key to another server`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let answer = #"{"photos":[],"next_page":"https://elsewhere.example/v1/search?page=2"}"#
            peer.server.fail(.reply(.json(answer)))
            let page = try await shop.pexels(peer).search(StockShop.query(.photo, "sea"), next: nil)
            #expect(page.next == nil)
        }
    }

    @Test func `is asked the same again only after a week`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let (one, other) = (shop.pexels(peer), shop.pexels(peer))
            let first = try await one.search(StockShop.query(.film, "The  SEA, at dawn"), next: nil)
            let second = try await other.search(StockShop.query(.film, "the sea at dawn"), next: nil)
            #expect(first.isFresh && !second.isFresh && first.items.map(\.name) == second.items.map(\.name))
            await shop.memory.step(7 * 86_400 - 400)
            _ = try await one.search(StockShop.query(.film, "the sea at dawn"), next: nil)
            #expect(peer.searches == 1)
            await shop.memory.step(500)
            _ = try await one.search(StockShop.query(.film, "the sea at dawn"), next: nil)
            #expect(peer.searches == 2)
        }
    }

    @Test func `refusing the key says which one, and not what it is`() async throws {
        try await PexelsPeer.with(key: "another key", media: media) { [shop] peer in
            let refused = await failure {
                try await shop.pexels(peer).search(StockShop.query(.film, "sea"), next: nil)
            }
            #expect(refused?.kind == .permanent && refused?.answer.contains("stock.pexels.key") == true)
            peer.server.fail(.reply(.json("{\"error\":\"\(StockShop.key) is no key\"}", status: 400)))
            let quoting = await failure {
                try await shop.pexels(peer).search(StockShop.query(.film, "sea"), next: nil)
            }
            #expect(quoting?.answer.contains("[redacted] is no key") == true)
            #expect("\(quoting as Any)".contains(StockShop.key) == false)
        }
    }

    @Test func `saying that it is too much is not asked for a while, by anybody`() async throws {
        try await PexelsPeer.with(key: StockShop.key, hourly: 1, media: media) { [shop] peer in
            let (one, other) = (shop.pexels(peer), shop.pexels(peer))
            _ = try await one.search(StockShop.query(.film, "sea"), next: nil)
            let limited = await failure { try await one.search(StockShop.query(.film, "city"), next: nil) }
            guard case .limited(let until)? = limited?.kind else {
                Issue.record("\(limited as Any)")
                return
            }
            #expect(abs(until.timeIntervalSinceNow - 900) < 60)
            let again = await failure { try await other.search(StockShop.query(.film, "forest"), next: nil) }
            #expect(again?.kind == limited?.kind && again?.answer.hasPrefix("not asked") == true)
            #expect(peer.searches == 2)
        }
    }

    @Test func `is asked again when it said`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            peer.server.fail(.reply(PeerReply(429, headers: ["Retry-After": "7"])))
            let pexels = shop.pexels(peer)
            let limited = await failure { try await pexels.search(StockShop.query(.film, "sea"), next: nil) }
            guard case .limited(let until)? = limited?.kind else {
                Issue.record("\(limited as Any)")
                return
            }
            #expect(abs(until.timeIntervalSinceNow - 7) < 60)
            await shop.memory.step(60)
            let page = try await pexels.search(StockShop.query(.film, "sea"), next: nil)
            #expect(page.items.count == 24)
        }
    }

    @Test func `is asked no more in an hour than it allows, nor when its month is used up`() async throws {
        try await PexelsPeer.with(key: StockShop.key, monthly: 3, media: media) { [shop] peer in
            let pexels = shop.pexels(peer) { $0.callsPerHour = 2 }
            for words in ["sea", "city"] { _ = try await pexels.search(StockShop.query(.film, words), next: nil) }
            #expect(await failure { try await pexels.search(StockShop.query(.film, "forest"), next: nil) } != nil)
            #expect(peer.searches == 2)
            await shop.memory.step(3_601)
            _ = try await pexels.search(StockShop.query(.film, "forest"), next: nil)
            let rate = try #require(await shop.memory.rates.values.first)
            #expect(rate.remaining == 0 && abs((rate.closedUntil ?? .now).timeIntervalSinceNow - 864_000) < 60)
            await shop.memory.step(7_200)
            #expect(await failure { try await pexels.search(StockShop.query(.film, "sky"), next: nil) } != nil)
            #expect(peer.searches == 3)
        }
    }

    @Test(arguments: ["<html>Just a moment</html>", #"{"photos":[]}"#, #"{"videos":"#, ""])
    func `answering something else is tried again, and the answer not kept`(_ answer: String) async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            peer.server.fail(.reply(PeerReply(200, body: Array(answer.utf8))))
            let pexels = shop.pexels(peer)
            let odd = await failure { try await pexels.search(StockShop.query(.film, "sea"), next: nil) }
            #expect(odd?.kind == .transient())
            let page = try await pexels.search(StockShop.query(.film, "sea"), next: nil)
            #expect(page.items.count == 24)
        }
    }

    @Test func `is down for a while, or has nothing`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pexels = shop.pexels(peer)
            peer.server.fail(.reply(PeerReply(503, headers: ["Retry-After": "5"])))
            let down = await failure { try await pexels.search(StockShop.query(.film, "sea"), next: nil) }
            #expect(down?.kind == .transient(retryAfter: .seconds(5)))
            peer.server.fail(.resetBeforeWork)
            let cut = await failure { try await pexels.search(StockShop.query(.film, "sea"), next: nil) }
            #expect(cut?.kind == .transient())
            let nothing = try await pexels.search(StockShop.query(.film, "bureaucracy"), next: nil)
            #expect(nothing.items.isEmpty && nothing.next == nil)
        }
    }

    @Test func `having an odd entry among others costs only that one`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let photo = #"""
                {"id":5,"width":2000,"height":1200,"url":"https://www.pexels.com/photo/5/","src":{"original":"https://x.example/5"}}
                """#
            peer.server.fail(.reply(.json("{\"photos\":[{\"id\":\"six\"},\(photo),7]}")))
            let page = try await shop.pexels(peer).search(StockShop.query(.photo, "sea"), next: nil)
            #expect(page.items.map(\.name.id) == ["5"] && page.items.first?.author == "")
        }
    }
}
