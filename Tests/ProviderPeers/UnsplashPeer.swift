import Foundation
import NIOHTTP1
import Synchronization

/// Unsplash on a loopback port: its photo search, the notices of use that it wants, and its image server.
package struct UnsplashPeer: Sendable {
    package let server: PeerServer
    private let desk: Desk

    package var searches: Int { server.count(.GET, "/search/photos") }
    package var downloads: Int { server.requests.count { $0.path.hasPrefix("/images/") } }
    /// How often it was told that each photo is used.
    package var notices: [String: Int] { desk.notices.withLock { $0 } }

    /// Serves for as long as `body` runs.
    ///
    /// - Parameter hourly: calls that are answered before it says that there were too many.
    package static func with<Answer: Sendable>(
        key: String, hourly: Int = 50, catalogue: StockPeerCatalogue = StockPeerCatalogue(), media: StockPeerMedia,
        _ body: @escaping @Sendable (UnsplashPeer) async throws -> Answer
    ) async throws -> Answer {
        let desk = Desk(key: key, hourly: hourly, catalogue: catalogue, media: media)
        return try await PeerServer.with(desk.answer) { try await body(UnsplashPeer(server: $0, desk: desk)) }
    }

    fileprivate final class Desk: Sendable {
        let key: String
        let hourly: Int
        let catalogue: StockPeerCatalogue
        let media: StockPeerMedia
        let notices = Mutex<[String: Int]>([:])
        private let answered = Mutex(0)

        init(key: String, hourly: Int, catalogue: StockPeerCatalogue, media: StockPeerMedia) {
            (self.key, self.hourly, self.catalogue, self.media) = (key, hourly, catalogue, media)
        }

        func answer(_ request: PeerRequest) async throws -> PeerReply {
            guard request.method == .GET else { return PeerReply(405) }
            if request.path.hasPrefix("/images/") { return try await image(request) }
            guard request.headers["Authorization"] == ["Client-ID \(key)"] else {
                return .json(#"{"errors":["OAuth error: The access token is invalid"]}"#, status: 401)
            }
            guard request.headers["Accept-Version"] == ["v1"] else {
                return .json(#"{"errors":["no version"]}"#, status: 400)
            }
            let count = answered.withLock {
                $0 += 1
                return $0
            }
            let headers: HTTPHeaders = [
                "X-Ratelimit-Limit": "\(hourly)", "X-Ratelimit-Remaining": "\(max(0, hourly - count))",
            ]
            guard count <= hourly else {
                return PeerReply(403, headers: headers, body: Array("Rate Limit Exceeded".utf8))
            }
            let parts = request.path.split(separator: "/")
            if request.path == "/search/photos" { return search(request, headers) }
            if parts.count == 3, parts[0] == "photos", parts[2] == "download", request.parameters["ixid"] == "peer" {
                notices.withLock { $0[String(parts[1]), default: 0] += 1 }
                return .json(#"{"url":"https://images.unsplash.com/x"}"#, headers: headers)
            }
            return .json(#"{"errors":["Couldn't find Photo"]}"#, status: 404, headers: headers)
        }

        private func search(_ request: PeerRequest, _ headers: HTTPHeaders) -> PeerReply {
            let values = request.parameters
            let known: Set = ["query", "per_page", "page", "orientation", "order_by", "content_filter", "color"]
            guard Set(values.keys).isSubset(of: known), let query = values["query"], !query.isEmpty,
                let size = Int(values["per_page"] ?? "10"), (1...30).contains(size),
                let page = Int(values["page"] ?? "1"), page >= 1,
                ["landscape", "portrait", "squarish", nil].contains(values["orientation"])
            else { return .json(#"{"errors":["bad request"]}"#, status: 400, headers: headers) }
            let base = "http://\(request.headers.first(name: "Host") ?? "")"
            let all = catalogue.items(for: query, films: false)
            let list = all.dropFirst((page - 1) * size).prefix(size).enumerated().map {
                photo($1, base, isPremium: page == 1 && $0 == 0)
            }
            return .json(
                """
                {"total":\(all.count),"total_pages":\((all.count + size - 1) / size),\
                "results":[\(list.joined(separator: ","))]}
                """, headers: headers)
        }

        private func photo(_ item: StockPeerCatalogue.Item, _ base: String, isPremium: Bool) -> String {
            """
            {"id":"p\(item.id)","slug":"pattern","width":4000,"height":2250,"color":"#333333","blur_hash":null,\
            "description":null,"alt_description":null,"likes":1,"sponsorship":null,"premium":\(isPremium),\
            "urls":{"raw":"\(base)/images/p\(item.id)?ixid=peer","full":"","regular":"","small":"","thumb":""},\
            "links":{"self":"\(base)/photos/p\(item.id)","html":"https://unsplash.com/photos/p\(item.id)",\
            "download":"https://unsplash.com/photos/p\(item.id)/download",\
            "download_location":"\(base)/photos/p\(item.id)/download?ixid=peer"},\
            "user":{"id":"u","username":"peer","name":"\(item.author)","links":{"html":"https://unsplash.com/@peer"}}}
            """
        }

        /// Any size, as long as the address says who asked.
        private func image(_ request: PeerRequest) async throws -> PeerReply {
            guard request.headers.first(name: "Authorization") == nil, request.parameters["ixid"] == "peer",
                request.parameters["fm"] == "jpg", let width = request.parameters["w"].flatMap({ Int($0) }),
                let id = Int(request.path.dropFirst("/images/p".count)), let item = catalogue.item(id)
            else { return PeerReply(403) }
            let bytes = try await media.photo(item, width: width, height: width * 9 / 16)
            return PeerReply(200, headers: ["Content-Type": "image/jpeg"], body: bytes)
        }
    }
}
