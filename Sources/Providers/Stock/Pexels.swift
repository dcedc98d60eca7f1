package import FoundationEssentials
import HTTP
import NIOHTTP1
package import Production
package import ProviderCalling

/// Films and photos of Pexels. (https://www.pexels.com/api/documentation, as of 8 March 2026.)
package struct Pexels: StockLibrary {
    package struct Settings: Sendable {
        package var key: Secret
        /// Below which `/search` is asked for photos.
        package var photosURL = "https://api.pexels.com/v1"
        /// The same for films; older documentation has `https://api.pexels.com/videos`.
        package var filmsURL = "https://api.pexels.com/v1/videos"
        /// An hour's calls: the free limit, of which no header tells.
        package var callsPerHour = 200
        /// Bytes of a file
        package var sizeLimit = 300 << 20

        package init(key: Secret) { self.key = key }
    }

    package static let library: ProviderName = "pexels"
    package let provider: ProviderName = Pexels.library
    package let kinds: Set<StockItem.Kind> = [.film, .photo]
    private let settings: Settings
    private let desk: LibraryDesk
    private let media: MediaDownload

    /// - Parameter line: knows the key as a secret.
    package init(
        _ settings: Settings, line: ProviderLine, memory: any StockMemory,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.settings = settings
        desk = LibraryDesk(
            line, key: settings.key,
            rules: LibraryRules(
                calls: settings.callsPerHour, period: .seconds(3_600), pause: .seconds(900),
                // Its month has 20,000 calls, which fifty videos a day all but use up; the addresses of its files stay good.
                answersLast: .seconds(7 * 86_400), keyName: "stock.pexels.key"),
            memory: memory, now: now)
        media = MediaDownload(line: line, limit: settings.sizeLimit)
    }

    package func search(_ query: StockQuery, next: String?) async throws -> StockPage {
        let base = query.kind == .film ? settings.filmsURL : settings.photosURL
        let asked = "search Pexels for \(query.kind)s of \"\(query.words)\""
        guard let address = WebAddress(base), !query.words.isEmpty else {
            throw desk.line.failure(
                .permanent, asked: asked, answer: "\(base) is no https address, or nothing is asked")
        }
        // Length and size are looked at here instead of being asked for: so that the kept answer does for every video.
        let url =
            next
            ?? "\(base)/search?"
            + QueryText([
                "query": query.words, "orientation": Self.orientation(query.orientation),
                "locale": Self.locale(query.language), "per_page": "80",
            ]).text
        let call = HTTPCall(
            .GET, url, headers: ["Authorization": settings.key.value, "Accept": "application/json"],
            headTimeout: .seconds(20), timeout: .seconds(60), answerLimit: 8 << 20, redirects: 2)
        let (page, isFresh) = try await desk.answer(to: url, by: call, asked: asked) { _, body in
            Page(body, of: query.kind)
        }
        let fetchedAt = desk.now()
        return StockPage(
            items: page.films.compactMap { $0.item(for: query, at: fetchedAt) }
                + page.photos.compactMap { $0.item(for: query, at: fetchedAt) },
            // The key goes with it: only to where it goes anyway.
            next: page.next.flatMap { next in WebAddress(next)?.origin == address.origin ? next : nil },
            isFresh: isFresh)
    }

    package func download(_ item: StockItem, to path: String) async throws { try await media(item, to: path) }

    package func tellUse(of item: StockItem) async throws {}

    private static func orientation(_ orientation: Channel.Orientation) -> String { orientation.rawValue }

    /// Nil for a language of which Pexels knows no words: it then takes them for English.
    private static func locale(_ language: String) -> String? {
        let code = language.prefix { $0 != "-" }.lowercased()
        return locales.first { $0.hasPrefix(code + "-") }
    }

    private static let locales = [
        "en-US", "pt-BR", "es-ES", "ca-ES", "de-DE", "it-IT", "fr-FR", "sv-SE", "id-ID", "pl-PL", "ja-JP", "zh-CN",
        "zh-TW", "ko-KR", "th-TH", "nl-NL", "hu-HU", "vi-VN", "cs-CZ", "da-DK", "fi-FI", "uk-UA", "el-GR", "ro-RO",
        "nb-NO", "sk-SK", "tr-TR", "ru-RU",
    ]
}

extension Pexels {
    struct Page {
        var films: [Film] = []
        var photos: [Photo] = []
        let next: String?

        /// Nil if it is no page of such items.
        init?(_ body: [UInt8], of kind: StockItem.Kind) {
            guard let answer = AnswerDecoder.read(Answer.self, body) else { return nil }
            switch kind {
            case .film:
                guard let videos = answer.videos else { return nil }
                films = videos.sound()
            case .photo:
                guard let all = answer.photos else { return nil }
                photos = all.sound()
            }
            next = answer.nextPage
        }
    }

    private struct Answer: Decodable {
        let videos: [Lossy<Film>]?
        let photos: [Lossy<Photo>]?
        let nextPage: String?
    }

    struct Film: Decodable {
        struct User: Decodable {
            let name: String
            let url: String?
        }

        struct File: Decodable {
            let fileType: String?
            let width: Int?
            let height: Int?
            let link: String
        }

        let id: Int64
        let url: String
        let duration: Double
        let user: User?
        let videoFiles: [Lossy<File>]

        /// Nil if there is no file of it that does. `quality` says nothing: some are streams, and some have no size.
        func item(for query: StockQuery, at fetchedAt: Date) -> StockItem? {
            let files = videoFiles.sound().compactMap { file -> (link: String, width: Int, height: Int)? in
                guard file.fileType == "video/mp4", let width = file.width, let height = file.height, width > 0,
                    height > 0
                else { return nil }
                return (file.link, width, height)
            }
            guard
                let file = Coverage.smallest(
                    of: files, covering: query.width, query.height, by: { ($0.width, $0.height) })
            else { return nil }
            return StockItem(
                name: .init(Pexels.library, .film, "\(id)"), page: url, author: user?.name ?? "",
                authorPage: user?.url, width: file.width, height: file.height, duration: duration, file: file.link,
                mime: "video/mp4", licence: "Pexels License", licencePage: Pexels.licencePage, fetchedAt: fetchedAt)
        }
    }

    struct Photo: Decodable {
        struct Source: Decodable {
            let original: String
            let large2x: String?
            let large: String?
        }

        let id: Int64
        let width: Int
        let height: Int
        let url: String
        let photographer: String?
        let photographerUrl: String?
        let src: Source

        func item(for query: StockQuery, at fetchedAt: Date) -> StockItem? {
            guard width > 0, height > 0 else { return nil }
            var files = [(link: src.original, width: width, height: height)]
            // Boxes of the documentation: 940×650, and the same for screens of twice the density.
            for (link, box) in [(src.large2x, (1_880, 1_300)), (src.large, (940, 650))] {
                guard let link else { continue }
                let size = Coverage.fitted((width, height), into: box)
                files.append((link, size.width, size.height))
            }
            guard
                let file = Coverage.smallest(
                    of: files, covering: query.width, query.height, by: { ($0.width, $0.height) })
            else { return nil }
            return StockItem(
                name: .init(Pexels.library, .photo, "\(id)"), page: url, author: photographer ?? "",
                authorPage: photographerUrl, width: file.width, height: file.height, file: file.link, mime: "image/*",
                licence: "Pexels License", licencePage: Pexels.licencePage, fetchedAt: fetchedAt)
        }
    }

    static let licencePage = "https://www.pexels.com/license/"
}
