package import FoundationEssentials
import HTTP
import NIOHTTP1
package import Production
package import ProviderCalling

/// Photos of Unsplash. (https://unsplash.com/documentation)
///
/// Its guidelines want the API to be used "for non-automated, high-quality, and authentic experiences": a fleet that nobody watches
/// may not be what they mean. So it is off unless a person who has read them switches it on.
package struct Unsplash: StockLibrary {
    package struct Settings: Sendable {
        package var key: Secret
        package var url = "https://api.unsplash.com"
        /// An hour's calls: those of an application that was not reviewed yet.
        package var callsPerHour = 50
        /// Bytes of a file
        package var sizeLimit = 300 << 20

        package init(key: Secret) { self.key = key }
    }

    package static let library: ProviderName = "unsplash"
    package let provider: ProviderName = Unsplash.library
    package let kinds: Set<StockItem.Kind> = [.photo]
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
                keyName: "stock.unsplash.key"),
            memory: memory, now: now)
        media = MediaDownload(line: line, limit: settings.sizeLimit)
    }

    /// - Parameter next: a page's number.
    package func search(_ query: StockQuery, next: String?) async throws -> StockPage {
        let asked = "search Unsplash for photos of \"\(query.words)\""
        guard WebAddress(settings.url) != nil, !query.words.isEmpty, query.kind == .photo else {
            throw desk.line.failure(
                .permanent, asked: asked, answer: "\(settings.url) is no https address, or no photo is asked for")
        }
        let number = next.flatMap { Int($0) } ?? 1
        let url =
            "\(settings.url)/search/photos?"
            + QueryText([
                "query": query.words, "page": "\(number)", "per_page": "30",
                "orientation": query.orientation == .square ? "squarish" : query.orientation.rawValue,
            ]).text
        let call = HTTPCall(
            .GET, url, headers: headers, headTimeout: .seconds(20), timeout: .seconds(60), answerLimit: 8 << 20,
            redirects: 2)
        let (page, isFresh) = try await desk.answer(to: url, by: call, asked: asked) { _, body in
            AnswerDecoder.read(Page.self, body)
        }
        let fetchedAt = desk.now()
        return StockPage(
            items: page.results.sound().compactMap { $0.item(for: query, at: fetchedAt) },
            next: number < page.totalPages ? "\(number + 1)" : nil, isFresh: isFresh)
    }

    package func download(_ item: StockItem, to path: String) async throws { try await media(item, to: path) }

    /// "Trigger a download": required whenever a photo is really used. The answer's address is not needed: the file is there.
    package func tellUse(of item: StockItem) async throws {
        guard let notice = item.useNotice else { return }
        let asked = "tell Unsplash that \(item.name) is used"
        // The key goes with it: only to where it goes anyway.
        guard let address = WebAddress(notice), address.origin == WebAddress(settings.url)?.origin else {
            throw desk.line.failure(.permanent, asked: asked, answer: "its address is not the API's")
        }
        _ = try await desk.reply(
            to: HTTPCall(
                .GET, address.url, headers: headers, headTimeout: .seconds(20), timeout: .seconds(60), redirects: 2),
            asked: asked)
    }

    private var headers: HTTPHeaders {
        ["Authorization": "Client-ID \(settings.key.value)", "Accept-Version": "v1", "Accept": "application/json"]
    }
}

extension Unsplash {
    private struct Page: Decodable {
        let totalPages: Int
        let results: [Lossy<Photo>]
    }

    struct Photo: Decodable {
        struct URLs: Decodable { let raw: String }

        struct Links: Decodable {
            let html: String
            let downloadLocation: String
        }

        struct User: Decodable {
            struct Links: Decodable { let html: String }

            let name: String
            let links: Links?
        }

        let id: String
        let width: Int
        let height: Int
        let urls: URLs
        let links: Links
        let user: User
        let premium: Bool?

        /// Nil of what is sold under another licence, or is too small.
        func item(for query: StockQuery, at fetchedAt: Date) -> StockItem? {
            guard premium != true, !urls.raw.contains("plus.unsplash.com"), width > 0, height > 0 else { return nil }
            let share = Coverage.share(of: (width, height), covering: query.width, query.height)
            guard share >= 0.5 else { return nil }
            // The image server makes any size. What stands in the address must stay: it tells who asked.
            let scale = min(1, 1 / share)
            let size = (
                width: Int((Double(width) * scale).rounded(.up)), height: Int((Double(height) * scale).rounded(.up))
            )
            let file =
                urls.raw + (urls.raw.contains("?") ? "&" : "?")
                + QueryText(["fm": "jpg", "q": "85", "fit": "max", "w": "\(size.width)"]).text
            return StockItem(
                name: .init(Unsplash.library, .photo, id), page: Self.referred(links.html), author: user.name,
                authorPage: user.links.map { Self.referred($0.html) }, width: size.width, height: size.height,
                file: file, mime: "image/jpeg", licence: "Unsplash License",
                licencePage: "https://unsplash.com/license", fetchedAt: fetchedAt, useNotice: links.downloadLocation)
        }

        /// Their guidelines: links of an attribution name the application.
        private static func referred(_ page: String) -> String {
            page + (page.contains("?") ? "&" : "?") + "utm_source=ytempire&utm_medium=referral"
        }
    }
}
