import Foundation
import NIOHTTP1
import Synchronization

/// Pexels on a loopback port: its photo and video search, and the files that the answers name.
package struct PexelsPeer: Sendable {
    package let server: PeerServer

    /// For `stock.pexels.url`.
    package var photosURL: String { "\(server.address)/v1" }
    /// For `stock.pexels.films-url`.
    package var filmsURL: String { "\(server.address)/v1/videos" }
    /// Of the API, whatever became of them.
    package var searches: Int {
        server.count(.GET, "/v1/search") + server.count(.GET, "/v1/videos/search")
    }
    /// Of files, redirects not counted.
    package var downloads: Int { server.requests.count { $0.path.hasPrefix("/files/") } }

    /// Serves for as long as `body` runs.
    ///
    /// - Parameters:
    ///   - hourly: calls that are answered before it says that there were too many.
    ///   - monthly: what its headers say is left at first.
    package static func with<Answer: Sendable>(
        key: String, hourly: Int = 200, monthly: Int = 20_000, perPage: Int? = nil,
        catalogue: StockPeerCatalogue = StockPeerCatalogue(), media: StockPeerMedia,
        _ body: @escaping @Sendable (PexelsPeer) async throws -> Answer
    ) async throws -> Answer {
        let desk = Desk(
            key: key, hourly: hourly, monthly: monthly, perPage: perPage, catalogue: catalogue, media: media)
        return try await PeerServer.with(desk.answer) { try await body(PexelsPeer(server: $0)) }
    }

    /// A peer that listens already; `server.run()` has it answer.
    package static func bind(
        port: Int = 0, key: String, hourly: Int = 200,
        catalogue: StockPeerCatalogue = StockPeerCatalogue(answersEverything: true), media: StockPeerMedia
    ) async throws -> PexelsPeer {
        let desk = Desk(key: key, hourly: hourly, monthly: 20_000, perPage: nil, catalogue: catalogue, media: media)
        return PexelsPeer(server: try await PeerServer.bind(port: port, desk.answer))
    }

    private final class Desk: Sendable {
        let key: String
        let hourly: Int
        let monthly: Int
        let perPage: Int?
        let catalogue: StockPeerCatalogue
        let media: StockPeerMedia
        private let answered = Mutex(0)

        init(
            key: String, hourly: Int, monthly: Int, perPage: Int?, catalogue: StockPeerCatalogue, media: StockPeerMedia
        ) {
            (self.key, self.hourly, self.monthly, self.perPage) = (key, hourly, monthly, perPage)
            (self.catalogue, self.media) = (catalogue, media)
        }

        func answer(_ request: PeerRequest) async throws -> PeerReply {
            guard request.method == .GET else { return PeerReply(405) }
            let base = "http://\(request.headers.first(name: "Host") ?? "")"
            switch request.path {
            case "/v1/search": return search(request, base, films: false)
            case "/v1/videos/search": return search(request, base, films: true)
            default:
                // Files are not the API's: a key has no business there.
                guard request.headers.first(name: "Authorization") == nil else { return PeerReply(400) }
                if request.path.hasPrefix("/video-files/") {
                    let file = request.path.dropFirst("/video-files/".count)
                    return PeerReply(302, headers: ["Location": "\(base)/files/\(file)"])
                }
                return try await file(request)
            }
        }

        private func search(_ request: PeerRequest, _ base: String, films: Bool) -> PeerReply {
            guard request.headers["Authorization"] == [key] else {
                return .json(#"{"error":"Invalid API key"}"#, status: 401)
            }
            let values = request.parameters
            let known: Set = ["query", "per_page", "page", "orientation", "size", "locale", "color"]
            guard Set(values.keys).isSubset(of: known), let query = values["query"], !query.isEmpty,
                let asked = Int(values["per_page"] ?? "15"), (1...80).contains(asked),
                let page = Int(values["page"] ?? "1"), page >= 1,
                ["landscape", "portrait", "square", nil].contains(values["orientation"])
            else { return .json(#"{"error":"Bad request"}"#, status: 400) }
            let count = answered.withLock {
                $0 += 1
                return $0
            }
            // Neither the hour's limit nor an answer beyond it has headers.
            guard count <= hourly else { return .json(#"{"error":"Rate limit exceeded"}"#, status: 429) }
            let size = min(asked, perPage ?? asked)
            let all = catalogue.items(for: query, films: films)
            let items = all.dropFirst((page - 1) * size).prefix(size)
            let list = items.map {
                films ? film($0, base, values["orientation"]) : photo($0, base, values["orientation"])
            }
            var fields = [
                "\"page\":\(page)", "\"per_page\":\(size)", "\"total_results\":\(all.count)",
                "\"\(films ? "videos" : "photos")\":[\(list.joined(separator: ","))]",
            ]
            if page * size < all.count {
                // Opaque: nobody is to make it themselves.
                let rest = request.query.split(separator: "&").filter { !$0.hasPrefix("page=") }.joined(separator: "&")
                fields.append("\"next_page\":\"\(base)\(request.path)?page=\(page + 1)&\(rest)\"")
            }
            return .json(
                "{\(fields.joined(separator: ","))}",
                headers: [
                    "X-Ratelimit-Limit": "20000", "X-Ratelimit-Remaining": "\(max(0, monthly - count))",
                    "X-Ratelimit-Reset": "\(Int(Date().timeIntervalSince1970) + 864_000)",
                ])
        }

        private static func size(_ orientation: String?, _ short: Int) -> (Int, Int) {
            switch orientation {
            case "portrait": (short, short * 16 / 9)
            case "square": (short, short)
            default: (short * 16 / 9, short)
            }
        }

        private func film(_ item: StockPeerCatalogue.Item, _ base: String, _ orientation: String?) -> String {
            let whole = Self.size(orientation, 2_160)
            let files = [360, 720, 1_080, 2_160].map { short in
                let (width, height) = Self.size(orientation, short)
                return """
                    {"id":\(item.id)\(short),"quality":"\(short < 720 ? "sd" : short > 1_080 ? "uhd" : "hd")",\
                    "file_type":"video/mp4","width":\(width),"height":\(height),"fps":24.0,\
                    "link":"\(base)/video-files/\(item.id)-\(width)x\(height).mp4"}
                    """
            }
            return """
                {"id":\(item.id),"width":\(whole.0),"height":\(whole.1),"url":"https://www.pexels.com/video/\(item.id)/",\
                "image":"\(base)/poster/\(item.id).jpeg","full_res":null,"tags":[],"duration":\(item.seconds),\
                "user":{"id":\(item.id % 7),"name":"\(item.author)","url":"https://www.pexels.com/@peer-\(item.id % 7)"},\
                "video_files":[{"id":1,"quality":"hls","file_type":"video/mp4","width":null,"height":null,"fps":null,\
                "link":"\(base)/video-files/\(item.id).m3u8"},{"id":2,"quality":null,"file_type":"video/quicktime",\
                "width":640,"height":360,"fps":null,"link":"\(base)/video-files/\(item.id).mov"},\
                \(files.joined(separator: ","))],"video_pictures":[]}
                """
        }

        private func photo(_ item: StockPeerCatalogue.Item, _ base: String, _ orientation: String?) -> String {
            let (width, height) = Self.size(orientation, 1_440)
            func link(_ name: String, _ box: (Int, Int)) -> String {
                let scale = min(1, Double(box.0) / Double(width), Double(box.1) / Double(height))
                let size = (Int(Double(width) * scale), Int(Double(height) * scale))
                return "\"\(name)\":\"\(base)/files/\(item.id)-\(size.0)x\(size.1).jpg?auto=compress\""
            }
            return """
                {"id":\(item.id),"width":\(width),"height":\(height),"url":"https://www.pexels.com/photo/\(item.id)/",\
                "photographer":"\(item.author)","photographer_url":"https://www.pexels.com/@peer-\(item.id % 7)",\
                "photographer_id":\(item.id % 7),"avg_color":"#333333","liked":false,"alt":"a pattern",\
                "src":{"original":"\(base)/files/\(item.id)-\(width)x\(height).jpg",\
                \(link("large2x", (1_880, 1_300))),\(link("large", (940, 650))),\(link("medium", (350, 350))),\
                \(link("small", (130, 130))),\(link("portrait", (800, 1_200))),\(link("landscape", (1_200, 627))),\
                \(link("tiny", (280, 200)))}}
                """
        }

        private func file(_ request: PeerRequest) async throws -> PeerReply {
            guard let file = StockPeerFile(request.path) else { return PeerReply(404) }
            return try await file.reply(catalogue, media)
        }
    }
}

/// `/files/ID-WIDTHxHEIGHT.mp4`, or `.jpg`.
struct StockPeerFile {
    let id: Int
    let width: Int
    let height: Int

    init?(_ path: String) {
        let parts = path.split(separator: "/").last?.split { "-x.".contains($0) } ?? []
        guard path.hasPrefix("/files/"), parts.count == 4, let id = Int(parts[0]), let width = Int(parts[1]),
            let height = Int(parts[2])
        else { return nil }
        (self.id, self.width, self.height) = (id, width, height)
    }

    func reply(_ catalogue: StockPeerCatalogue, _ media: StockPeerMedia) async throws -> PeerReply {
        guard let item = catalogue.item(id) else { return PeerReply(404) }
        let isFilm = !id.isMultiple(of: 2)
        let bytes =
            isFilm
            ? try await media.film(item, width: width, height: height)
            : try await media.photo(item, width: width, height: height)
        return PeerReply(200, headers: ["Content-Type": isFilm ? "video/mp4" : "image/jpeg"], body: bytes)
    }
}
