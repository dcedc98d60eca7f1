import Foundation
import NIOHTTP1
import Synchronization

/// Pixabay on a loopback port: its photo and video search, and the files that the answers name.
package struct PixabayPeer: Sendable {
    package let server: PeerServer

    /// For `stock.pixabay.url`.
    package var url: String { "\(server.address)/api" }
    package var searches: Int { server.count(.GET, "/api/") + server.count(.GET, "/api/videos/") }
    package var downloads: Int { server.requests.count { $0.path.hasPrefix("/files/") } }

    /// Serves for as long as `body` runs.
    ///
    /// - Parameter minutely: calls that are answered before it says that there were too many.
    package static func with<Answer: Sendable>(
        key: String, minutely: Int = 100, catalogue: StockPeerCatalogue = StockPeerCatalogue(), media: StockPeerMedia,
        _ body: @escaping @Sendable (PixabayPeer) async throws -> Answer
    ) async throws -> Answer {
        let desk = Desk(key: key, minutely: minutely, catalogue: catalogue, media: media)
        return try await PeerServer.with(desk.answer) { try await body(PixabayPeer(server: $0)) }
    }

    private final class Desk: Sendable {
        let key: String
        let minutely: Int
        let catalogue: StockPeerCatalogue
        let media: StockPeerMedia
        private let answered = Mutex(0)

        init(key: String, minutely: Int, catalogue: StockPeerCatalogue, media: StockPeerMedia) {
            (self.key, self.minutely, self.catalogue, self.media) = (key, minutely, catalogue, media)
        }

        func answer(_ request: PeerRequest) async throws -> PeerReply {
            guard request.method == .GET else { return PeerReply(405) }
            switch request.path {
            case "/api/": return search(request, films: false)
            case "/api/videos/": return search(request, films: true)
            default:
                guard !request.query.contains(key), let file = StockPeerFile(request.path) else {
                    return PeerReply(404)
                }
                return try await file.reply(catalogue, media)
            }
        }

        private func plain(_ text: String, status: Int, headers: HTTPHeaders = [:]) -> PeerReply {
            var headers = headers
            headers.add(name: "Content-Type", value: "text/html; charset=utf-8")
            return PeerReply(status, headers: headers, body: Array(text.utf8))
        }

        private func search(_ request: PeerRequest, films: Bool) -> PeerReply {
            let values = request.parameters
            guard values["key"] == key else {
                return plain(
                    "[ERROR 400] Invalid or missing API key (https://pixabay.com/api/docs/).", status: 400)
            }
            let known: Set = [
                "key", "q", "lang", "page", "per_page", "safesearch", "order", "category", "min_width", "min_height",
                films ? "video_type" : "image_type", films ? "video_type" : "orientation",
            ]
            guard Set(values.keys).isSubset(of: known), let query = values["q"], query.count <= 100,
                let size = Int(values["per_page"] ?? "20"), (3...200).contains(size),
                let page = Int(values["page"] ?? "1"), page >= 1,
                ["all", "horizontal", "vertical", nil].contains(values["orientation"])
            else { return plain("[ERROR 400] A value is invalid.", status: 400) }
            let count = answered.withLock {
                $0 += 1
                return $0
            }
            let headers: HTTPHeaders = [
                "X-RateLimit-Limit": "\(minutely)", "X-RateLimit-Remaining": "\(max(0, minutely - count))",
                "X-RateLimit-Reset": "42",
            ]
            guard count <= minutely else {
                return plain("[ERROR 429] API rate limit exceeded.", status: 429, headers: headers)
            }
            let base = "http://\(request.headers.first(name: "Host") ?? "")"
            let all = catalogue.items(for: query, films: films)
            let list = all.dropFirst((page - 1) * size).prefix(size).map {
                films ? film($0, base) : photo($0, base)
            }
            return .json(
                "{\"total\":\(all.count),\"totalHits\":\(all.count),\"hits\":[\(list.joined(separator: ","))]}",
                headers: headers)
        }

        private func film(_ item: StockPeerCatalogue.Item, _ base: String) -> String {
            func file(_ name: String, _ width: Int, _ height: Int, size: Int = 900_000) -> String {
                let url = size > 0 ? "\(base)/files/\(item.id)-\(width)x\(height).mp4" : ""
                return """
                    "\(name)":{"url":"\(url)","width":\(width),"height":\(height),"size":\(size),"thumbnail":""}
                    """
            }
            // Not every film has a large one.
            return """
                {"id":\(item.id),"pageURL":"https://pixabay.com/videos/id-\(item.id)/","type":"film","tags":"pattern",\
                "duration":\(item.seconds),"views":1,"downloads":1,"likes":1,"comments":0,"user_id":\(item.id % 7),\
                "user":"\(item.author)","userImageURL":"","videos":{\(file("large", 3_840, 2_160, size: 0)),\
                \(file("medium", 1_920, 1_080)),\(file("small", 1_280, 720)),\(file("tiny", 960, 540))}}
                """
        }

        private func photo(_ item: StockPeerCatalogue.Item, _ base: String) -> String {
            """
            {"id":\(item.id),"pageURL":"https://pixabay.com/photos/id-\(item.id)/","type":"photo","tags":"pattern",\
            "previewURL":"\(base)/files/\(item.id)-150x84.jpg","webformatURL":"\(base)/files/\(item.id)-640x360.jpg",\
            "largeImageURL":"\(base)/files/\(item.id)-1280x720.jpg","imageWidth":4000,"imageHeight":2250,\
            "imageSize":900000,"views":1,"downloads":1,"likes":1,"comments":0,"user_id":\(item.id % 7),\
            "user":"\(item.author)","userImageURL":""}
            """
        }
    }
}
