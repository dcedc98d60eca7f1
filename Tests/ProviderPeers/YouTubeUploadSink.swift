import NIOCore
import NIOHTTP1
import Synchronization

/// One `PUT` to an upload session, with bytes or as a question. Nil for any other request.
struct YouTubeUploadSink: PeerSink {
    private enum Task {
        case refuse(PeerReply)
        case tell(PeerUpload, id: String)
        case fill(PeerUpload)
    }

    private let state: YouTubeState
    private let task: Task
    private let address: String

    init?(_ head: HTTPRequestHead, _ state: YouTubeState) {
        let query = PeerRequest(head: head, body: []).parameters
        guard head.method == .PUT, head.uri.hasPrefix("/upload/youtube/v3/videos"), let id = query["upload_id"] else {
            return nil
        }
        self.state = state
        address =
            "http://\(head.headers.first(name: "Host") ?? "")/upload/youtube/v3/videos?uploadType=resumable&upload_id="
        task = Self.task(head, id, state)
    }

    private static func task(_ head: HTTPRequestHead, _ id: String, _ state: YouTubeState) -> Task {
        func wrong(_ what: String, _ status: Int = 400) -> Task {
            state.complain(what)
            return .refuse(PeerRefusal(status, "badRequest", what).reply)
        }
        switch state.grant(head.headers, allowing: ["youtube.upload", "youtube", "youtube.force-ssl"]) {
        case .failure(let refusal): return .refuse(refusal.reply)
        case .success(let (refresh, _)):
            guard let upload = state.contents.withLock({ $0.uploads[id] }) else {
                return .refuse(PeerReply(404))
            }
            guard upload.account == refresh else { return wrong("an upload of another account", 403) }
            let lengths = head.headers["Content-Length"].compactMap { Int64($0) }
            guard lengths.count == 1, let length = lengths.first else {
                return wrong("PUT without one Content-Length", 411)
            }
            let ranges = head.headers["Content-Range"]
            guard ranges.count <= 1 else { return wrong("two ranges") }
            if ranges.first == "bytes */\(upload.total)" {
                guard length == 0 else { return wrong("a question with a body") }
                return .tell(upload, id: id)
            }
            let confirmed = upload.state.withLock { $0.video == nil ? $0.confirmed : upload.total }
            var first: Int64 = 0
            if let range = ranges.first {
                let parts = range.dropFirst(6).split { "-/".contains($0) }.compactMap { Int64($0) }
                guard range.hasPrefix("bytes "), parts.count == 3, parts[1] == upload.total - 1,
                    parts[2] == upload.total,
                    length == parts[1] - parts[0] + 1
                else { return wrong("the range \(range) for \(length) bytes of \(upload.total)") }
                first = parts[0]
            } else if length != upload.total {
                return wrong("\(length) bytes instead of \(upload.total), without a range")
            }
            guard first == confirmed else {
                // Overlap or gap stores nothing.
                state.complain("bytes from \(first) on, where \(confirmed) are confirmed")
                return .tell(upload, id: id)
            }
            upload.begin(at: first)
            return .fill(upload)
        }
    }

    func take(_ piece: ByteBuffer) async -> PeerReply? {
        switch task {
        case .refuse(let reply): return reply
        case .tell: return nil
        case .fill(let upload):
            upload.take(piece)
            return nil
        }
    }

    func finish() async -> PeerReply {
        switch task {
        case .refuse(let reply): return reply
        case .tell(let upload, let id):
            if let video = upload.state.withLock({ $0.video }).flatMap({ state.video($0) }) {
                return YouTubeState.reply(video, 200)
            }
            return incomplete(upload, id)
        case .fill(let upload):
            guard let hash = upload.finish() else { return PeerRefusal(400, "uploadAborted", "too few bytes").reply }
            return state.publish(upload, sha256: hash)
        }
    }

    func broke() async {
        guard case .fill(let upload) = task else { return }
        let place = state.contents.withLock { contents in
            defer { contents.forgetsTo = nil }
            return contents.forgetsTo
        }
        if let place { upload.state.withLock { $0.forgetsTo = place } }
        upload.broke()
    }

    private func incomplete(_ upload: PeerUpload, _ id: String) -> PeerReply {
        var headers: HTTPHeaders = [:]
        let confirmed = upload.state.withLock { $0.confirmed }
        if confirmed > 0 { headers.add(name: "Range", value: "bytes=0-\(confirmed - 1)") }
        let moved = state.contents.withLock { contents -> String? in
            guard contents.moves else { return nil }
            contents.moves = false
            let new = contents.next("moved")
            contents.uploads[new] = upload
            contents.uploads[id] = nil
            return new
        }
        if let moved { headers.add(name: "Location", value: address + moved) }
        return PeerReply(308, headers: headers)
    }
}
