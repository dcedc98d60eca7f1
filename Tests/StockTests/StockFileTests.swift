import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import Stock
import Testing

@Suite struct `A stock file` {
    let shop: StockShop
    let media: StockPeerMedia

    init() throws {
        shop = try StockShop()
        media = try StockShop.media.get()
    }

    /// One film of the peer, 640×360.
    private func film(_ pexels: Pexels) async throws -> StockItem {
        try #require(try await pexels.search(StockShop.query(.film, "sea"), next: nil).items.first)
    }

    @Test func `is had by a redirect, without the key`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pexels = shop.pexels(peer)
            try await pexels.download(film(pexels), to: shop.path("film.mp4"))
            let asked = peer.server.requests.filter { !$0.path.hasPrefix("/v1") }
            #expect(asked.count == 2 && asked.allSatisfy { !$0.head.headers.contains(name: "Authorization") })
            let bytes = try Data(contentsOf: URL(filePath: shop.path("film.mp4")))
            #expect(bytes.dropFirst(4).prefix(4) == Data("ftyp".utf8))
        }
    }

    @Test func `comes by https, except from this machine`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pexels = shop.pexels(peer)
            var item = try await film(pexels)
            for address in ["http://pexels.example/film.mp4", "file:///etc/passwd", "film.mp4"] {
                item.file = address
                let refused = await failure { [item] in try await pexels.download(item, to: shop.path("film.mp4")) }
                #expect(refused?.kind == .permanent && refused?.answer.contains("https") == true)
            }
        }
    }

    @Test func `that is an error's page, or too large, or gone, or broken off is none`() async throws {
        try await PexelsPeer.with(key: StockShop.key, media: media) { [shop] peer in
            let pexels = shop.pexels(peer) { $0.sizeLimit = 1_000_000 }
            let item = try await film(pexels)
            let isFile: @Sendable (String) -> Bool = { $0.hasPrefix("/files/") }
            let large = PeerReply(headers: ["Content-Type": "video/mp4"], body: Array(repeating: 0, count: 1_000_001))
            let faults: [(PeerFault, StageFailure.Kind)] = [
                (.reply(PeerReply(headers: ["Content-Type": "text/html"], body: Array("Sorry".utf8))), .permanent),
                (.reply(PeerReply(404)), .permanent), (.reply(PeerReply(502)), .transient()),
                (.reply(large), .transient()), (.cutAnswer(after: 2_000), .transient()),
            ]
            for (fault, kind) in faults {
                peer.server.fail(fault) { isFile($0.uri) }
                let refused = await failure { try await pexels.download(item, to: shop.path("film.mp4")) }
                #expect(refused?.kind == kind, "\(fault)")
                #expect(!FileManager.default.fileExists(atPath: shop.path("film.mp4")))
            }
            try await pexels.download(item, to: shop.path("film.mp4"))
        }
    }
}
