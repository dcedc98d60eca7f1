import Foundation
import Media
import NIOHTTP1
import Production
import ProviderPeers
import Stock
import Testing

@Suite struct `Stock for a video` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    @Test func `is a film that is long enough, looked at and kept with who made it`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            let (use, file) = try #require(try await search.find(StockShop.wish("the sea", seconds: 12)))
            #expect(use.item.name.kind == .film && use.isTold && use.about == "the sea")
            #expect(use.item.duration.map { $0 >= 9.6 } == true)
            let probe = try await MediaProbe.probe(file.path(percentEncoded: false), depth: .headers)
            #expect(probe.video?.width == 640 && probe.duration > 9)
            #expect(await shop.memory.uses(of: Job.ID(1)) == [use])
            #expect(
                await search.notes == [
                    "stock": "1 shown; 1 searches, 0 more answered from memory; 1 downloads, 0 more from the store"
                ])
            let left = try FileManager.default.contentsOfDirectory(
                atPath: shop.folder.path(percentEncoded: false))
            #expect(left.allSatisfy { $0.hasPrefix("kept-") })
        }
    }

    @Test func `is the same for the same job, without asking; another for another job of the channel`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let library = shop.pexels(peer)
            let first = try #require(try await shop.search([library]).find(StockShop.wish("sea")))
            let counts = (peer.searches, peer.downloads)
            let again = try #require(try await shop.search([library]).find(StockShop.wish("sea")))
            #expect(again.use == first.use && again.file == first.file)
            #expect((peer.searches, peer.downloads) == counts)
            var shown: Set = [first.use.item.name]
            for job in 2...5 as ClosedRange<Int64> {
                let next = try #require(try await shop.search([library], job: job).find(StockShop.wish("sea")))
                #expect(shown.insert(next.use.item.name).inserted, "no clip twice")
            }
            #expect(peer.searches == 1)
        }
    }

    @Test func `may be the same on another channel, downloaded once, and on this one after a month`() async throws {
        try await PexelsPeer.with(
            key: StockShop.key, catalogue: StockPeerCatalogue(itemsPerSubject: 1), media: media
        ) { [shop] peer in
            let library = shop.pexels(peer)
            let first = try await shop.search([library]).find(StockShop.wish("sea"))
            let other = try await shop.search([library], job: 2, channel: 2).find(StockShop.wish("sea"))
            #expect(first != nil && other?.use.item.name == first?.use.item.name && peer.downloads == 1)
            #expect(other?.use.artifact == first?.use.artifact)
            let same = try await shop.search([library], job: 3, taste: .films).find(StockShop.wish("sea"))
            #expect(same?.use.item.name.kind == .photo, "the film was shown")
            await shop.memory.age(by: 31 * 86_400)
            let later = try await shop.search([library], job: 4).find(StockShop.wish("sea"))
            #expect(later?.use.item.name == first?.use.item.name && peer.downloads == 2)
        }
    }

    @Test func `is not twice in one video, and follows from the seed`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            var names: [[StockItem.Name]] = []
            for (channel, seed) in [(1, 7), (2, 7), (3, 8)] as [(Int64, UInt64)] {
                await shop.files.forget()
                let search = shop.search([shop.pexels(peer)], job: channel, channel: channel)
                var shown: [StockItem.Name] = []
                for scene in 0..<4 {
                    let found = try await search.find(StockShop.wish("sea", scene: scene, seed: seed))
                    shown.append(try #require(found).use.item.name)
                }
                #expect(Set(shown).count == 4)
                names.append(shown)
            }
            #expect(names[0] == names[1] && names[0] != names[2])
        }
    }

    @Test func `is of the best one whose file is there, whatever the seed`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            var found: [StockItem.Name] = []
            for channel in 1...8 as ClosedRange<Int64> {
                let search = shop.search([shop.pexels(peer)], job: channel, channel: channel)
                let wish = StockShop.wish("sea", seed: UInt64(channel))
                found.append(try #require(try await search.find(wish)).use.item.name)
            }
            #expect(Set(found).count == 1 && peer.downloads == 1)
            // No channel shows it twice for that: the next is downloaded.
            let next = try await shop.search([shop.pexels(peer)], job: 9).find(StockShop.wish("sea"))
            #expect(next.map { $0.use.item.name != found[0] } == true && peer.downloads == 2)
        }
    }

    @Test func `is looked for with fewer words, then the heading's, then the channel's`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            let wish = StockShop.wish(
                "an unprecedented administrative reorganisation", widening: ["Paperwork", "Desert Diaries"])
            let found = try #require(try await search.find(wish))
            #expect(found.use.item.name.id.hasPrefix("5"), "a film of the desert")
            let asked = peer.server.requests.filter { $0.path == "/v1/videos/search" }.compactMap {
                URLComponents(string: $0.head.uri)?.queryItems?.first { $0.name == "query" }?.value
            }
            #expect(
                asked == [
                    "unprecedented administrative reorganisation", "administrative", "paperwork", "desert diaries",
                ])
        }
    }

    @Test func `is nothing where there is nothing`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            for words in ["bureaucracy", ""] {
                let found = try await search.find(StockShop.wish(words))
                #expect(found == nil)
            }
            #expect(await search.notes["stock_trouble"] == nil)
        }
    }

    @Test func `is another one where a file is not what it says`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let photo = try await media.photo(#require(StockPeerCatalogue().item(1_002)), width: 640, height: 360)
            for bytes in [Array("MZ a program".utf8), photo] {
                peer.server.fail(.reply(PeerReply(headers: ["Content-Type": "video/mp4"], body: bytes))) {
                    $0.uri.hasPrefix("/files/")
                }
            }
            let search = shop.search([shop.pexels(peer)])
            let found = try #require(try await search.find(StockShop.wish("sea")))
            #expect(found.use.item.name.kind == .film && peer.downloads == 3)
            #expect(await search.notes["stock_trouble"]?.contains("not what was offered") == true)
            #expect(await shop.files.count == 1)
        }
    }

    @Test func `is another one where a photo breaks off, or a download does`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let whole = try await media.photo(#require(StockPeerCatalogue().item(1_002)), width: 940, height: 528)
            let half = PeerReply(headers: ["Content-Type": "image/jpeg"], body: Array(whole.prefix(whole.count / 2)))
            peer.server.fail(.reply(half)) { $0.uri.hasPrefix("/files/") }
            peer.server.fail(.cutAnswer(after: 1_000)) { $0.uri.hasPrefix("/files/") }
            let search = shop.search([shop.pexels(peer)], taste: .photos)
            let found = try #require(try await search.find(StockShop.wish("sea")))
            #expect(found.use.item.name.kind == .photo && peer.downloads == 3)
        }
    }

    @Test func `is nothing, with a note, when the libraries' rate is used up or they are down`() async throws {
        try await PexelsPeer.with(key: StockShop.key, hourly: 0, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            for scene in 0..<3 {
                let found = try await search.find(StockShop.wish("sea", scene: scene))
                #expect(found == nil)
            }
            #expect(peer.searches == 1)
            #expect(await search.notes["stock_trouble"]?.contains("429") == true)
            await shop.memory.step(7_200)
            peer.server.fail(.reply(PeerReply(500)), times: 10)
            let later = shop.search([shop.pexels(peer)])
            for scene in 0..<3 {
                let found = try await later.find(StockShop.wish("sea", scene: scene))
                #expect(found == nil)
            }
            #expect(peer.searches == 3, "twice is enough")
        }
    }

    @Test func `is nothing, with a note, when its memory is away`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)], memory: NoMemory())
            let found = try await search.find(StockShop.wish("sea"))
            #expect(found == nil)
            #expect(await search.notes["stock_trouble"]?.contains("Away") == true)
        }
    }

    @Test func `ends when it is cancelled`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            let task = Task { try await search.find(StockShop.wish("sea")) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `comes from the next library where the first has nothing`() async throws {
        try await PexelsPeer.with(
            key: StockShop.key, catalogue: StockPeerCatalogue(itemsPerSubject: 0), media: media
        ) { [shop, media] pexels in
            try await PixabayPeer.with(key: StockShop.key, media: media) { pixabay in
                let search = shop.search([shop.pexels(pexels), shop.pixabay(pixabay)])
                let found = try #require(try await search.find(StockShop.wish("sea")))
                #expect(found.use.item.name.provider == "pixabay" && found.use.item.name.kind == .film)
            }
        }
    }

    @Test func `of Unsplash is told once a use, whatever is repeated`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let library = shop.unsplash(peer)
            // The first time the notice fails: what can't be told of is not shown.
            peer.server.fail(.reply(PeerReply(500))) { $0.uri.contains("/download") }
            let first = try #require(
                try await shop.search([library], taste: .photos).find(StockShop.wish("sea")))
            #expect(first.use.isTold && peer.notices == [first.use.item.name.id: 1])
            for _ in 0..<2 { _ = try await shop.search([library], taste: .photos).find(StockShop.wish("sea")) }
            #expect(peer.notices == [first.use.item.name.id: 1])
            // Another video's use is another use.
            _ = try await shop.search([library], job: 2, channel: 2, taste: .photos).find(StockShop.wish("sea"))
            #expect(peer.notices.values.reduce(0, +) == 2)
        }
    }

    @Test func `that an attempt took and could not tell of is told of by the next`() async throws {
        try await UnsplashPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let library = shop.unsplash(peer)
            let first = try #require(
                try await shop.search([library], taste: .photos).find(StockShop.wish("sea")))
            var untold = first.use
            untold.isTold = false
            _ = await shop.memory.take(untold, for: Job.ID(1), on: Channel.ID(1), since: .distantPast)
            let again = try await shop.search([library], taste: .photos).find(StockShop.wish("sea"))
            #expect(again?.use.isTold == true && peer.notices == [first.use.item.name.id: 2])
        }
    }

    @Test func `whose file was lost is downloaded again, the same`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let first = try await shop.search([shop.pexels(peer)]).find(StockShop.wish("sea"))
            await shop.files.forget()
            let again = try await shop.search([shop.pexels(peer)]).find(StockShop.wish("sea"))
            #expect(again?.use.item.name == first?.use.item.name && peer.downloads == 2 && peer.searches == 1)
        }
    }

    @Test func `for a storyboard written anew is looked for anew`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let first = try await shop.search([shop.pexels(peer)]).find(StockShop.wish("sea"))
            let other = try await shop.search([shop.pexels(peer)]).find(StockShop.wish("city"))
            #expect(first?.use.item.name.id.hasPrefix("1") == true)
            #expect(other?.use.item.name.id.hasPrefix("3") == true)
            #expect(await shop.memory.uses(of: Job.ID(1)).count == 1)
        }
    }

    @Test func `that turns out to be damaged is not found again`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let search = shop.search([shop.pexels(peer)])
            let found = try #require(try await search.find(StockShop.wish("sea")))
            try await search.refuse(found.use, because: "frame 7 does not decode")
            let again = try await search.find(StockShop.wish("sea"))
            #expect(again == nil, "a picture is drawn")
            let elsewhere = try await search.find(StockShop.wish("sea", scene: 1))
            #expect(elsewhere != nil && elsewhere?.use.item.name != found.use.item.name)
            #expect(await search.notes["stock_trouble"]?.contains("frame 7") == true)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `that two workers want at once goes to one of them`() async throws {
        try await PexelsPeer.with(
            key: StockShop.key, catalogue: StockPeerCatalogue(itemsPerSubject: 1), media: media
        ) { [shop] peer in
            let library = shop.pexels(peer)
            let shown = try await withThrowingTaskGroup(of: StockItem.Name?.self) { group in
                for job in 1...4 as ClosedRange<Int64> {
                    group.addTask {
                        try await shop.search([library], job: job).find(StockShop.wish("sea"))?.use.item.name
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(shown.compactMap(\.self).count == 2, "there is one film and one photo")
            #expect(Set(shown.compactMap(\.self)).count == 2)
        }
    }
}
