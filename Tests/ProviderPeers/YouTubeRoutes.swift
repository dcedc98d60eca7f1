import Crypto
import Foundation
import NIOHTTP1
import Synchronization

/// What the YouTube peer answers to everything but the bytes of uploads.
struct YouTubeRoutes {
    let state: YouTubeState

    func answer(_ request: PeerRequest) async -> PeerReply {
        do {
            switch (request.method, request.path) {
            case (.GET, "/o/oauth2/v2/auth"): return try consent(request)
            case (.POST, "/token"): return token(request)
            case (.POST, "/revoke"): return revoke(request)
            case (.POST, "/upload/youtube/v3/videos"): return try openUpload(request)
            case (.GET, "/youtube/v3/videos"): return try videos(request)
            case (.PUT, "/youtube/v3/videos"): return try update(request)
            case (.GET, "/youtube/v3/channels"): return try channels(request)
            case (.GET, "/youtube/v3/playlistItems"): return try playlistItems(request)
            case (.POST, "/youtube/v3/playlistItems"): return try addToPlaylist(request)
            case (.POST, "/upload/youtube/v3/thumbnails/set"): return try thumbnail(request)
            case (.POST, "/upload/youtube/v3/captions"): return try caption(request)
            default:
                state.complain("\(request.method) \(request.path)")
                return PeerRefusal(404, "notFound", "Not Found").reply
            }
        } catch let refusal as PeerRefusal {
            return refusal.reply
        } catch {
            state.complain("\(request.method) \(request.path): \(error)")
            return PeerRefusal(400, "badRequest", "\(error)").reply
        }
    }

    private func grant(_ request: PeerRequest, _ scopes: String...) throws -> (
        refresh: String, grant: YouTubeState.Grant
    ) {
        try state.grant(request.headers, allowing: scopes).get()
    }

    private func bad(_ what: String) -> PeerRefusal {
        state.complain(what)
        return PeerRefusal(400, "badRequest", what)
    }

    private func json(_ object: Any, status: Int = 200) -> PeerReply {
        let data = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        return .json(String(decoding: data, as: UTF8.self), status: status)
    }

    // The person and Google's consent page in one.
    private func consent(_ request: PeerRequest) throws -> PeerReply {
        let values = request.parameters
        guard values["client_id"] == YouTubePeer.clientID, values["response_type"] == "code",
            values["code_challenge_method"] == "S256", let challenge = values["code_challenge"], challenge.count == 43,
            values["access_type"] == "offline", values["prompt"] == "consent", let redirect = values["redirect_uri"],
            redirect.hasPrefix("http://127.0.0.1:"), let asked = values["state"], asked.count >= 16,
            let scopes = values["scope"], !scopes.isEmpty
        else { throw bad("a consent page asked for as \(request.query)") }
        let back = state.contents.withLock { contents -> String in
            guard !contents.person.refuses else { return "error=access_denied" }
            let code = contents.next("4/code-canary")
            let allowed = Set(scopes.split(separator: " ").map(String.init)).subtracting(contents.person.leavesOut)
            contents.codes[code] = .init(
                challenge: challenge, redirect: redirect, scopes: allowed, channel: contents.person.channel)
            return "code=\(code.replacing("/", with: "%2F"))"
        }
        return PeerReply(302, headers: ["Location": "\(redirect)?state=\(asked)&\(back)"])
    }

    private func form(_ request: PeerRequest) -> [String: String] {
        guard request.headers["Content-Type"] == ["application/x-www-form-urlencoded"] else {
            state.complain("a form of type \(request.headers["Content-Type"])")
            return [:]
        }
        var head = request.head
        head.uri = "/?" + String(decoding: request.body, as: UTF8.self)
        return PeerRequest(head: head, body: []).parameters
    }

    private func oauthError(_ error: String, _ words: String, _ status: Int = 400) -> PeerReply {
        json(["error": error, "error_description": words], status: status)
    }

    private func token(_ request: PeerRequest) -> PeerReply {
        let values = form(request)
        guard values["client_id"] == YouTubePeer.clientID, values["client_secret"] == YouTubePeer.clientSecret else {
            return oauthError("invalid_client", "The OAuth client was not found.", 401)
        }
        switch values["grant_type"] {
        case "refresh_token":
            return state.contents.withLock { contents in
                contents.refreshes += 1
                guard let refresh = values["refresh_token"], let grant = contents.grants[refresh] else {
                    return oauthError("invalid_grant", "Token has been expired or revoked.")
                }
                let token = contents.next("ya29.canary")
                contents.tokens[token] = refresh
                return json([
                    "access_token": token, "expires_in": 3_599, "token_type": "Bearer",
                    "scope": grant.scopes.sorted().joined(separator: " "),
                ])
            }
        case "authorization_code":
            return state.contents.withLock { contents in
                // Good for one exchange, whatever becomes of it.
                guard let name = values["code"], let code = contents.codes.removeValue(forKey: name),
                    let verifier = values["code_verifier"], code.redirect == values["redirect_uri"],
                    Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString().replacing("+", with: "-")
                        .replacing("/", with: "_").replacing("=", with: "") == code.challenge
                else { return oauthError("invalid_grant", "Malformed auth code.") }
                let refresh = contents.next("1//refresh-canary")
                let token = contents.next("ya29.canary")
                contents.grants[refresh] = .init(channel: code.channel, title: "Peer", scopes: code.scopes)
                contents.tokens[token] = refresh
                return json([
                    "access_token": token, "expires_in": "3599", "token_type": "Bearer", "refresh_token": refresh,
                    "scope": code.scopes.sorted().joined(separator: " "),
                ])
            }
        default: return oauthError("unsupported_grant_type", "Invalid grant_type")
        }
    }

    private func revoke(_ request: PeerRequest) -> PeerReply {
        let values = form(request)
        return state.contents.withLock { contents in
            guard let given = values["token"] else { return oauthError("invalid_request", "Missing token") }
            let refresh = contents.tokens[given] ?? given
            guard contents.grants.removeValue(forKey: refresh) != nil else {
                return oauthError("invalid_token", "Token expired or revoked")
            }
            contents.tokens = contents.tokens.filter { $0.value != refresh }
            contents.revoked.append(refresh)
            return json([:])
        }
    }

    private func openUpload(_ request: PeerRequest) throws -> PeerReply {
        let (refresh, grant) = try grant(request, "youtube.upload", "youtube", "youtube.force-ssl")
        state.contents.withLock { $0.inserts += 1 }
        guard grant.channel != nil else { throw PeerRefusal(401, "youtubeSignupRequired", "No channel.") }
        let values = request.parameters
        guard values["uploadType"] == "resumable", values["part"] == "snippet,status" else {
            throw bad("upload \(request.query)")
        }
        guard request.headers["Content-Type"] == ["application/json; charset=UTF-8"],
            request.headers["Content-Length"] == ["\(request.body.count)"],
            let total = request.headers.first(name: "X-Upload-Content-Length").flatMap({ Int64($0) }), total > 0,
            let type = request.headers.first(name: "X-Upload-Content-Type"), type.hasPrefix("video/")
        else { throw bad("an upload's headers: \(request.headers)") }
        try check(try JSONDecoder().decode(GivenVideo.self, from: Data(request.body)))
        let name = request.headers.first(name: "Slug") ?? ""
        let id = state.contents.withLock { contents -> String in
            let id = contents.next("upload-canary")
            let upload = PeerUpload(account: refresh, total: total, metadata: request.body, fileName: name)
            contents.uploads[id] = upload
            contents.everyUpload.append(upload)
            return id
        }
        let host = request.headers.first(name: "Host") ?? ""
        return PeerReply(
            200, headers: ["Location": "http://\(host)/upload/youtube/v3/videos?uploadType=resumable&upload_id=\(id)"])
    }

    private func check(_ video: GivenVideo) throws {
        let (snippet, status) = (video.snippet, video.status)
        guard !snippet.title.isEmpty, snippet.title.unicodeScalars.count <= 100,
            !snippet.title.contains(where: "<>".contains)
        else {
            throw PeerRefusal(400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
        }
        let description = snippet.description ?? ""
        guard description.utf8.count <= 5_000, !description.contains(where: "<>".contains) else {
            throw PeerRefusal(400, "invalidDescription", "The request metadata specifies an invalid video description.")
        }
        let tags = snippet.tags ?? []
        let length = tags.reduce(tags.count - 1) { $0 + $1.unicodeScalars.count + ($1.contains(" ") ? 2 : 0) }
        guard length <= 500, !tags.contains(where: { $0.contains(where: "<>,".contains) || $0.isEmpty }) else {
            throw PeerRefusal(400, "invalidTags", "The request metadata specifies invalid video keywords.")
        }
        guard Int(snippet.categoryId ?? "") != nil else {
            throw PeerRefusal(400, "invalidCategoryId", "The snippet.categoryId property is invalid.")
        }
        guard ["private", "unlisted", "public"].contains(status.privacyStatus), status.selfDeclaredMadeForKids != nil,
            status.containsSyntheticMedia != nil
        else { throw bad("a status that does not say everything: \(status)") }
        if let moment = status.publishAt {
            guard status.privacyStatus == "private", (try? Date(moment, strategy: .iso8601)) != nil else {
                throw PeerRefusal(
                    400, "invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")
            }
        }
    }

    private func videos(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube.readonly", "youtube", "youtube.force-ssl")
        let values = request.parameters
        guard let parts = values["part"]?.split(separator: ","), let ids = values["id"]?.split(separator: ","),
            ids.count <= 50
        else { throw bad("videos \(request.query)") }
        let found = state.contents.withLock { contents in
            contents.videos.filter { ids.contains(Substring($0.id)) && $0.channel == grant.channel && !$0.isHidden }
        }
        let items = found.map {
            AnsweredVideo(
                kind: "youtube#video", id: $0.id, snippet: parts.contains("snippet") ? $0.snippet : nil,
                status: parts.contains("status") ? $0.status : nil)
        }
        let json = try JSONEncoder().encode(["items": items])
        return .json(String(decoding: json, as: UTF8.self))
    }

    private func update(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube", "youtube.force-ssl")
        struct Change: Decodable {
            var id: String
            var status: PeerVideo.Status
        }
        guard request.parameters["part"] == "status" else { throw bad("update \(request.query)") }
        let change = try JSONDecoder().decode(Change.self, from: Data(request.body))
        let video = try state.contents.withLock { contents throws(PeerRefusal) -> PeerVideo in
            guard let index = contents.videos.firstIndex(where: { $0.id == change.id && $0.channel == grant.channel })
            else {
                throw PeerRefusal(404, "videoNotFound", "The video cannot be found.")
            }
            // What is left out is erased.
            let (upload, rejection) = (
                contents.videos[index].status.uploadStatus, contents.videos[index].status.rejectionReason
            )
            contents.videos[index].status = change.status
            (contents.videos[index].status.uploadStatus, contents.videos[index].status.rejectionReason) = (
                upload, rejection
            )
            return contents.videos[index]
        }
        return YouTubeState.reply(video, 200)
    }

    private func channels(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube.readonly", "youtube", "youtube.force-ssl")
        guard request.parameters["mine"] == "true", let part = request.parameters["part"] else {
            throw bad("channels \(request.query)")
        }
        guard let channel = grant.channel else { return json(["items": []]) }
        var item: [String: Any] = ["kind": "youtube#channel", "id": channel]
        if part.contains("snippet") { item["snippet"] = ["title": grant.title] }
        if part.contains("contentDetails") {
            item["contentDetails"] = ["relatedPlaylists": ["uploads": Self.uploads(channel)]]
        }
        return json(["items": [item]])
    }

    private static func uploads(_ channel: String) -> String { "UU-\(channel)" }

    private func playlistItems(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube.readonly", "youtube", "youtube.force-ssl")
        let values = request.parameters
        guard values["part"] == "snippet", let playlist = values["playlistId"] else {
            throw bad("playlistItems \(request.query)")
        }
        let size = values["maxResults"].flatMap { Int($0) } ?? 5
        guard (1...50).contains(size) else { throw bad("\(size) results a page") }
        let all = try state.contents.withLock { contents throws(PeerRefusal) -> [(id: String, at: Date)] in
            if playlist == grant.channel.map(Self.uploads) {
                return contents.videos.filter { $0.channel == grant.channel && !$0.isHidden }
                    .sorted { $0.uploadedAt > $1.uploadedAt }.map { ($0.id, $0.uploadedAt) }
            }
            guard let items = contents.playlists[playlist] else {
                throw PeerRefusal(
                    404, "playlistNotFound", "The playlist identified with the request's playlistId cannot be found.")
            }
            return items.map { ($0, Date(timeIntervalSince1970: 0)) }
        }.filter { values["videoId"] == nil || values["videoId"] == $0.id }
        let first = values["pageToken"].flatMap { Int($0) } ?? 0
        let page = all.dropFirst(first).prefix(size)
        var answer: [String: Any] = [
            "items": page.map { item -> [String: Any] in
                [
                    "kind": "youtube#playlistItem",
                    "snippet": [
                        "playlistId": playlist, "publishedAt": item.at.formatted(.iso8601),
                        "resourceId": ["kind": "youtube#video", "videoId": item.id],
                    ],
                ]
            }
        ]
        if first + size < all.count { answer["nextPageToken"] = "\(first + size)" }
        return json(answer)
    }

    private func addToPlaylist(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube", "youtube.force-ssl")
        struct Item: Codable {
            struct Snippet: Codable {
                struct Resource: Codable {
                    var kind: String
                    var videoId: String
                }
                var playlistId: String
                var resourceId: Resource
            }
            var snippet: Snippet
        }
        guard request.parameters["part"] == "snippet" else { throw bad("playlistItems \(request.query)") }
        let snippet = try JSONDecoder().decode(Item.self, from: Data(request.body)).snippet
        guard snippet.resourceId.kind == "youtube#video" else {
            throw bad("a playlist item of kind \(snippet.resourceId.kind)")
        }
        try state.contents.withLock { contents throws(PeerRefusal) in
            guard
                contents.videos.contains(where: { $0.id == snippet.resourceId.videoId && $0.channel == grant.channel })
            else {
                throw PeerRefusal(404, "videoNotFound", "The video cannot be found.")
            }
            guard contents.playlists[snippet.playlistId] != nil else {
                throw PeerRefusal(404, "playlistNotFound", "The playlist cannot be found.")
            }
            contents.playlists[snippet.playlistId, default: []].append(snippet.resourceId.videoId)
        }
        return .json(String(decoding: request.body, as: UTF8.self))
    }

    private func thumbnail(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube.upload", "youtube", "youtube.force-ssl")
        guard let id = request.parameters["videoId"], state.video(id)?.channel == grant.channel else {
            throw PeerRefusal(404, "videoNotFound", "The video cannot be found.")
        }
        guard request.parameters["uploadType"] == "media", request.headers["Content-Type"] == ["image/jpeg"] else {
            throw bad("a thumbnail as \(request.query), \(request.headers["Content-Type"])")
        }
        guard !request.body.isEmpty else { throw PeerRefusal(400, "mediaBodyRequired", "No image.") }
        guard request.body.starts(with: [0xFF, 0xD8]), request.body.count <= 2 << 20 else {
            throw PeerRefusal(400, "invalidImage", "The provided image content is invalid.")
        }
        state.contents.withLock { $0.thumbnails[id] = request.body.count }
        return json(["items": []])
    }

    private func caption(_ request: PeerRequest) throws -> PeerReply {
        let (_, grant) = try grant(request, "youtube.force-ssl")
        guard request.parameters["uploadType"] == "multipart", request.parameters["part"] == "snippet",
            let type = request.headers.first(name: "Content-Type"), type.hasPrefix("multipart/related; boundary=")
        else { throw bad("captions \(request.query)") }
        let boundary = "--" + type.dropFirst("multipart/related; boundary=".count)
        let text = String(decoding: request.body, as: UTF8.self)
        let parts = text.components(separatedBy: boundary)
        guard parts.count == 4, parts[0].isEmpty, parts[3] == "--\r\n" else { throw bad("\(parts.count) parts") }
        let bodies = parts[1...2].map {
            $0.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
        }
        struct Caption: Decodable {
            struct Snippet: Decodable {
                var videoId: String
                var language: String
                var name: String
            }
            var snippet: Snippet
        }
        let snippet = try JSONDecoder().decode(Caption.self, from: Data(bodies[0].utf8)).snippet
        guard bodies[1].contains("-->") else { throw PeerRefusal(400, "contentRequired", "No captions.") }
        guard state.video(snippet.videoId)?.channel == grant.channel else {
            throw PeerRefusal(404, "videoNotFound", "The video cannot be found.")
        }
        let track = "\(snippet.videoId) \(snippet.language) \(snippet.name)"
        guard state.contents.withLock({ $0.captions.insert(track).inserted }) else {
            throw PeerRefusal(409, "captionExists", "The specified video track already has a caption with the name.")
        }
        return json(["kind": "youtube#caption"])
    }
}
