import Foundation
import HTTP
import Media
import Production
import ProviderCalling
import ProviderPeers
import Stock

/// Everything a test of stock needs around it: a folder, a memory, files, a clock, and media that are made once for all tests.
struct StockShop {
    static let key = "px-4f81c7d2e90b46aa8d3f"
    static let media = Result { try StockPeerMedia() }

    let folder: URL
    let memory = RememberedStock()
    let files: FolderFiles
    let caller: HTTPCaller

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "stock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        files = FolderFiles(folder)
        caller = try HTTPCaller()
    }

    static func query(
        _ kind: StockItem.Kind, _ words: String, width: Int = 640, height: Int = 360,
        orientation: Channel.Orientation = .landscape, language: String = "en"
    ) -> StockQuery {
        StockQuery(kind, words, language: language, orientation: orientation, width: width, height: height)
    }

    func line(_ provider: ProviderName) -> ProviderLine {
        ProviderLine(to: provider, by: caller, secrets: [Secret(Self.key)])
    }

    func pexels(_ peer: PexelsPeer, _ change: (inout Pexels.Settings) -> Void = { _ in }) -> Pexels {
        var settings = Pexels.Settings(key: Secret(Self.key))
        (settings.photosURL, settings.filmsURL) = (peer.photosURL, peer.filmsURL)
        change(&settings)
        return Pexels(settings, line: line(Pexels.library), memory: memory)
    }

    func unsplash(_ peer: UnsplashPeer) -> Unsplash {
        var settings = Unsplash.Settings(key: Secret(Self.key))
        settings.url = peer.server.address
        return Unsplash(settings, line: line(Unsplash.library), memory: memory)
    }

    func pixabay(_ peer: PixabayPeer) -> Pixabay {
        var settings = Pixabay.Settings(key: Secret(Self.key))
        settings.url = peer.url
        return Pixabay(settings, line: line(Pixabay.library), memory: memory)
    }

    func search(
        _ libraries: [any StockLibrary], job: Int64 = 1, channel: Int64 = 1, taste: StockTaste = .films,
        memory: (any StockMemory)? = nil
    ) -> StockSearch {
        var settings = StockSearch.Settings()
        settings.taste = taste
        return StockSearch(
            libraries: libraries, memory: memory ?? self.memory, files: files, settings: settings, job: Job.ID(job),
            channel: Channel.ID(channel), folder: folder)
    }

    static func wish(
        _ about: String, scene: Int = 0, part: Int = 0, seconds: Double = 6, seed: UInt64 = 7,
        widening: [String] = []
    ) -> StockWish {
        StockWish(
            place: StockPlace(scene: scene, part: part), about: about, widening: widening, language: "en",
            orientation: .landscape, width: 640, height: 360, seconds: seconds, scene: .body, seed: seed)
    }

    func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }
}

/// The failure that a call must end in.
func failure(_ body: () async throws -> some Any) async -> StageFailure? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? StageFailure }
}
