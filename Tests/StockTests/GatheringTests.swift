import Editing
import Foundation
import Media
import Production
import ProviderPeers
import Stock
import Studio
import Testing

/// Draws the same grey picture for everything, and counts.
private actor GreyArt: Illustrator {
    nonisolated let provider: ProviderName = "grey"
    private(set) var drawn = 0
    let picture: [UInt8]

    init(_ picture: [UInt8]) { self.picture = picture }

    func illustrate(
        _ brief: PictureBrief, palette: Palette, width: Int, height: Int, seed: UInt64, to file: URL
    ) async throws(StageFailure) {
        drawn += 1
        do { try Data(picture).write(to: file) } catch {
            throw StageFailure(.transient(), provider: provider, asked: "draw", answer: "\(error)")
        }
    }
}

@Suite struct `Material for a video` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    private func storyboard(_ scenes: [Storyboard.Scene]) -> Storyboard {
        Storyboard(
            title: "T", description: "D", tags: [], language: "en",
            source: .init(key: "k", title: "t", link: nil, author: nil), scenes: scenes)
    }

    private func scene(_ about: String, file: String? = nil) -> Storyboard.Scene {
        Storyboard.Scene(
            kind: .body, narration: "N.", heading: "", picture: PictureBrief(about: about, file: file))
    }

    @Test func `is the channel's own, else stock, else drawn; and says whose it is`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [self] peer in
            let photo = try await media.photo(#require(StockPeerCatalogue().item(1_002)), width: 640, height: 360)
            let own = shop.path("own.jpg")
            try Data(photo).write(to: URL(filePath: own))
            let art = GreyArt(photo)
            let search = shop.search([shop.pexels(peer)])
            let gatherer = Gatherer(illustrator: art, stock: search, subject: "", folder: shop.folder)
            let editor = try Editor(
                format: #require(CutFormat(.landscape, shortSide: 360)), look: .standard, palette: .ocean, credit: "",
                seed: 11)
            let board = storyboard([scene("sea", file: own), scene("sea"), scene("bureaucracy"), scene("the city")])
            let spans = [(0.0, 4.0), (4.5, 20.0), (21.0, 24.0), (25.0, 29.0)]
            let gathering = try await gatherer.gather(
                for: board, editor: editor, narration: "n.wav",
                spoken: spans.map { Narration.Span(start: $0.0, end: $0.1) })
            let scenes = gathering.material.scenes
            #expect(scenes.map(\.count) == [1, 2, 1, 1], "a long scene shows two things")
            #expect(scenes[0].first.map { if case .still(let still) = $0 { still.file == own } else { false } } == true)
            #expect(scenes[1].allSatisfy { if case .film = $0 { true } else { false } })
            #expect(await art.drawn == 1)
            let uses = gathering.stockUses
            #expect(
                uses.map(\.place) == [.init(scene: 1, part: 0), .init(scene: 1, part: 1), .init(scene: 3, part: 0)])
            let named = gathering.named.scenes[3]
            #expect(
                named.first.map { if case .film(let film) = $0 { film.file } else { "" } }
                    == "pexels-film-\(uses[2].item.name.id).mp4")
            let manifest = VideoManifest(width: 640, height: 360, frames: 1, duration: 1, stock: uses)
            #expect(manifest.credits.count == 4 && manifest.credits[0].contains("https://www.pexels.com"))
        }
    }
}

@Suite struct `Credits` {
    private func item(_ provider: ProviderName, _ kind: StockItem.Kind, _ id: String, _ author: String) -> StockItem {
        StockItem(
            name: .init(provider, kind, id), page: "https://x.example/\(id)", author: author,
            authorPage: author.isEmpty ? nil : "https://x.example/@a", width: 1, height: 1, file: "", mime: "",
            licence: "", licencePage: "", fetchedAt: Date(timeIntervalSince1970: 0))
    }

    @Test func `name each library and each item once`() {
        let items = [
            item("pexels", .film, "1", "Ada <b>"), item("unsplash", .photo, "2", "Bo"), item("pexels", .photo, "3", ""),
            item("pexels", .film, "1", "Ada <b>"),
        ]
        #expect(
            StockItem.credits(items) == [
                "Films and photos provided by Pexels: https://www.pexels.com",
                "Film by Ada b (https://x.example/@a) on Pexels: https://x.example/1",
                "Photo on Pexels: https://x.example/3",
                "Photos provided by Unsplash: https://unsplash.com/?utm_source=ytempire&utm_medium=referral",
                "Photo by Bo (https://x.example/@a) on Unsplash: https://x.example/2",
            ])
        #expect(StockItem.credits([]) == [])
    }
}
