package import FoundationEssentials
import HTTP
import NIOHTTP1
package import Production
package import ProviderCalling

/// Films and photos of Pixabay. (https://pixabay.com/api/docs/)
///
/// Its documentation says that the API is for real human requests, without large numbers of automated queries or systematic mass
/// downloads. So it is off unless a person who has read that switches it on.
package struct Pixabay: StockLibrary {
    package struct Settings: Sendable {
        package var key: Secret
        package var url = "https://pixabay.com/api"
        package var callsPerMinute = 100
        /// Bytes of a file
        package var sizeLimit = 300 << 20

        package init(key: Secret) { self.key = key }
    }

    package static let library: ProviderName = "pixabay"
    package let provider: ProviderName = Pixabay.library
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
                calls: settings.callsPerMinute, period: .seconds(60), pause: .seconds(60),
                keyName: "stock.pixabay.key"),
            memory: memory, now: now)
        media = MediaDownload(line: line, limit: settings.sizeLimit)
    }

    /// - Parameter next: a page's number.
    package func search(_ query: StockQuery, next: String?) async throws -> StockPage {
        let asked = "search Pixabay for \(query.kind)s of \"\(query.words)\""
        guard WebAddress(settings.url) != nil, !query.words.isEmpty else {
            throw desk.line.failure(
                .permanent, asked: asked, answer: "\(settings.url) is no https address, or nothing is asked")
        }
        let number = next.flatMap { Int($0) } ?? 1
        let question = QueryText([
            "q": query.words, "lang": Self.language(query.language), "orientation": Self.orientation(query),
            "safesearch": "true", "page": "\(number)", "per_page": "\(Self.perPage)",
        ]).text
        let endpoint = query.kind == .film ? "\(settings.url)/videos/" : "\(settings.url)/"
        // The key must stand in the address, which is shown nowhere with its query.
        let call = HTTPCall(
            .GET, "\(endpoint)?\(QueryText(["key": settings.key.value]).text)&\(question)",
            headers: ["Accept": "application/json"], headTimeout: .seconds(20), timeout: .seconds(60),
            answerLimit: 8 << 20)
        let (page, isFresh) = try await desk.answer(to: "\(endpoint)?\(question)", by: call, asked: asked) { _, body in
            Page(body, of: query.kind)
        }
        let fetchedAt = desk.now()
        return StockPage(
            items: page.films.compactMap { $0.item(for: query, at: fetchedAt) }
                + page.photos.compactMap { $0.item(for: query, at: fetchedAt) },
            next: number * Self.perPage < page.count ? "\(number + 1)" : nil, isFresh: isFresh)
    }

    package func download(_ item: StockItem, to path: String) async throws { try await media(item, to: path) }

    package func tellUse(of item: StockItem) async throws {}

    private static let perPage = 100

    /// Of photos only; nil of a square, for which there is no word.
    private static func orientation(_ query: StockQuery) -> String? {
        guard query.kind == .photo else { return nil }
        return switch query.orientation {
        case .landscape: "horizontal"
        case .portrait: "vertical"
        case .square: nil
        }
    }

    private static func language(_ language: String) -> String? {
        let code = language.prefix { $0 != "-" }.lowercased()
        return languages.contains(code) ? code : nil
    }

    private static let languages: Set<String> = [
        "cs", "da", "de", "en", "es", "fr", "id", "it", "hu", "nl", "no", "pl", "pt", "ro", "sk", "fi", "sv", "tr",
        "vi", "th", "bg", "ru", "el", "ja", "ko", "zh",
    ]
}

extension Pixabay {
    struct Page {
        var films: [Film] = []
        var photos: [Photo] = []
        /// How many can be had of all pages together.
        let count: Int

        /// Nil if it is no page of such items.
        init?(_ body: [UInt8], of kind: StockItem.Kind) {
            switch kind {
            case .film:
                guard let answer = AnswerDecoder.read(Answer<Film>.self, body) else { return nil }
                (films, count) = (answer.hits.sound(), answer.totalHits)
            case .photo:
                guard let answer = AnswerDecoder.read(Answer<Photo>.self, body) else { return nil }
                (photos, count) = (answer.hits.sound(), answer.totalHits)
            }
        }
    }

    private struct Answer<Hit: Decodable>: Decodable {
        let totalHits: Int
        let hits: [Lossy<Hit>]
    }

    struct Film: Decodable {
        struct File: Decodable {
            let url: String?
            let width: Int?
            let height: Int?
            let size: Int?
        }

        let id: Int64
        let pageURL: String
        let duration: Double
        let user: String?
        let userId: Int64?
        let videos: [String: Lossy<File>]

        /// A size that there is not has an empty address, or no bytes.
        func item(for query: StockQuery, at fetchedAt: Date) -> StockItem? {
            let files = videos.values.compactMap { file -> (link: String, width: Int, height: Int)? in
                guard let file = file.value, let link = file.url, !link.isEmpty, file.size ?? 0 > 0,
                    let width = file.width, let height = file.height, width > 0, height > 0
                else { return nil }
                return (link, width, height)
            }.sorted { $0.link < $1.link }
            guard
                let file = Coverage.smallest(
                    of: files, covering: query.width, query.height, by: { ($0.width, $0.height) })
            else { return nil }
            return StockItem(
                name: .init(Pixabay.library, .film, "\(id)"), page: pageURL, author: user ?? "",
                authorPage: Pixabay.page(of: user, userId), width: file.width, height: file.height,
                duration: duration, file: file.link, mime: "video/mp4", licence: Pixabay.licence,
                licencePage: Pixabay.licencePage, fetchedAt: fetchedAt)
        }
    }

    struct Photo: Decodable {
        let id: Int64
        let pageURL: String
        let largeImageURL: String
        let imageWidth: Int
        let imageHeight: Int
        let user: String?
        let userId: Int64?

        func item(for query: StockQuery, at fetchedAt: Date) -> StockItem? {
            guard imageWidth > 0, imageHeight > 0 else { return nil }
            let size = Coverage.fitted((imageWidth, imageHeight), into: (1_280, 1_280))
            guard Coverage.share(of: size, covering: query.width, query.height) >= 0.5 else { return nil }
            return StockItem(
                name: .init(Pixabay.library, .photo, "\(id)"), page: pageURL, author: user ?? "",
                authorPage: Pixabay.page(of: user, userId), width: size.width, height: size.height,
                file: largeImageURL, mime: "image/*", licence: Pixabay.licence, licencePage: Pixabay.licencePage,
                fetchedAt: fetchedAt)
        }
    }

    static let licence = "Pixabay Content License"
    static let licencePage = "https://pixabay.com/service/license-summary/"

    static func page(of user: String?, _ id: Int64?) -> String? {
        guard let user, let id else { return nil }
        return "https://pixabay.com/users/\(user)-\(id)/"
    }
}
