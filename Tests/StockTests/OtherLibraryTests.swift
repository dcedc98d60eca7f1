import Foundation
import Production
import ProviderPeers
import Stock
import Testing

@Suite struct `The Unsplash library` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    @Test func `finds photos in the size that is needed, but none that are sold`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let page = try await shop.unsplash(peer).search(
                StockShop.query(.photo, "sea", width: 800, height: 450), next: nil)
            #expect(page.items.count == 23, "the first is premium")
            let photo = try #require(page.items.first)
            #expect(photo.width == 800 && photo.height == 450)
            #expect(photo.file.contains("ixid=peer&fm=jpg") && photo.file.hasSuffix("&w=800"))
            #expect(photo.page == "https://unsplash.com/photos/p1002?utm_source=ytempire&utm_medium=referral")
            #expect(photo.authorPage == "https://unsplash.com/@peer?utm_source=ytempire&utm_medium=referral")
            try await shop.unsplash(peer).download(photo, to: shop.path("photo.jpg"))
            #expect(peer.downloads == 1 && FileManager.default.fileExists(atPath: shop.path("photo.jpg")))
        }
    }

    @Test func `is told of a use at its own address only`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let unsplash = shop.unsplash(peer)
            var photo = try #require(
                try await unsplash.search(StockShop.query(.photo, "sea"), next: nil).items.first)
            try await unsplash.tellUse(of: photo)
            #expect(peer.notices == ["p1002": 1])
            photo.useNotice = "https://elsewhere.example/photos/p1002/download?ixid=peer"
            let refused = await failure { try await unsplash.tellUse(of: photo) }
            #expect(refused?.kind == .permanent)
        }
    }

    @Test func `answers 403 for its rate as for what a key may not do`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, hourly: 1, media: media) { [shop] peer in
            let unsplash = shop.unsplash(peer)
            peer.server.fail(.reply(.json(#"{"errors":["not for you"]}"#, status: 403)))
            let forbidden = await failure { try await unsplash.search(StockShop.query(.photo, "sea"), next: nil) }
            #expect(forbidden?.kind == .permanent && forbidden?.answer.contains("not for you") == true)
            peer.server.fail(.reply(PeerReply(403, body: Array("Rate Limit Exceeded".utf8))))
            let limited = await failure { try await unsplash.search(StockShop.query(.photo, "sea"), next: nil) }
            guard case .limited? = limited?.kind else {
                Issue.record("\(limited as Any)")
                return
            }
            #expect(peer.searches == 2)
        }
    }

    @Test func `is not asked any more when its last answer says that nothing is left`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, hourly: 1, media: media) { [shop] peer in
            let unsplash = shop.unsplash(peer)
            _ = try await unsplash.search(StockShop.query(.photo, "sea"), next: nil)
            let limited = await failure { try await unsplash.search(StockShop.query(.photo, "city"), next: nil) }
            #expect(limited?.answer.hasPrefix("not asked") == true && peer.searches == 1)
        }
    }
}

@Suite struct `The Pixabay library` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    @Test func `finds films and photos, whatever sizes there are`() async throws {
        try await PixabayPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pixabay = shop.pixabay(peer)
            let film = try #require(
                try await pixabay.search(StockShop.query(.film, "sea", width: 3_840, height: 2_160), next: nil).items
                    .first)
            #expect(film.width == 1_920, "there is no large one")
            #expect(film.authorPage == "https://pixabay.com/users/Peer 0-0/" && film.licence.hasPrefix("Pixabay"))
            let photo = try #require(
                try await pixabay.search(StockShop.query(.photo, "sea"), next: nil).items.first)
            #expect(photo.width == 1_280 && photo.height == 720)
        }
    }

    @Test func `has its key in the address, and nobody else sees it there`() async throws {
        try await PixabayPeer.with(key: StockShop.key, minutely: 1, media: media) { [shop] peer in
            let pixabay = shop.pixabay(peer)
            _ = try await pixabay.search(StockShop.query(.photo, "sea"), next: nil)
            #expect(await shop.memory.answers.keys.allSatisfy { !$0.contains(StockShop.key) })
            let limited = await failure { try await pixabay.search(StockShop.query(.photo, "city"), next: nil) }
            guard case .limited(let until)? = limited?.kind else {
                Issue.record("\(limited as Any)")
                return
            }
            #expect(abs(until.timeIntervalSinceNow - 42) < 30, "it said when")
            await shop.memory.step(120)
            peer.server.fail(.resetBeforeWork)
            let broken = await failure { try await pixabay.search(StockShop.query(.photo, "city"), next: nil) }
            #expect(broken != nil && !"\(broken as Any) \(limited as Any)".contains(StockShop.key))
        }
    }

    @Test func `refuses a key with 400, in plain text`() async throws {
        try await PixabayPeer.with(key: "another key", media: media) { [shop] peer in
            let refused = await failure {
                try await shop.pixabay(peer).search(StockShop.query(.photo, "sea"), next: nil)
            }
            #expect(refused?.kind == .permanent && refused?.answer.contains("stock.pixabay.key") == true)
        }
    }
}
