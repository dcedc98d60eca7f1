import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling

/// Upload sessions of one account: opened, asked, filled.
struct UploadSessions: Sendable {
    let account: AccountLine
    let sleep: @Sendable (Duration) async throws -> Void

    /// What became of a session.
    enum End: Sendable {
        /// Nil where the answer named no video.
        case done(id: String?)
        case expired
        /// There is room for the rest of it.
        case open(confirmed: Int64)
    }

    /// Asks for a session. No byte of the video goes out, so whatever comes of it, no video does.
    ///
    /// - Throws: `ChannelDayOver` with the account parked, or `StageFailure`.
    func open(
        _ video: VideoResource, bytes: Int64, fileName: String, notify: Bool
    ) async throws -> UploadSession {
        let asked = "open an upload of \(bytes) bytes"
        let query =
            [("uploadType", "resumable"), ("part", "snippet,status")] + (notify ? [] : [("notifySubscribers", "false")])
        let call = try HTTPCall.json(
            .POST, account.url("/upload/youtube/v3/videos", query), video,
            headers: [
                "X-Upload-Content-Length": "\(bytes)", "X-Upload-Content-Type": "video/mp4",
                // Undocumented for this version of the API, and taken: it becomes the "raw file" that YouTube Studio shows.
                "Slug": fileName,
            ])
        let uploads = account.settings.uploads
        let reply = try await account.send(call, taking: 1, of: uploads, asked: asked)
        guard reply.isSuccess else {
            let trouble = YouTubeTrouble(reply)
            let failure = try await account.failure(trouble, reply, asked: asked, drawnOn: uploads)
            if trouble.kind == .channelDay { throw ChannelDayOver(failure: failure) }
            throw failure
        }
        guard let address = reply.headers.first(name: "Location"), account.settings.endpoints.isOurs(address) else {
            throw account.line.failure(
                .transient(), asked: asked, answer: "\(reply.status) without an address of Google's to send it to")
        }
        return UploadSession(address: Secret(address), account: account.account, bytes: bytes, openedAt: account.now())
    }

    /// Asks once what has become of a session; waits where YouTube wishes so.
    func state(of session: UploadSession, log: any PublicationLog) async throws -> End {
        try await run(session, path: nil, log: log)
    }

    /// Sends what is missing until the session ends, over as many breaks as it takes while there is headway.
    ///
    /// - Parameter isNew: nothing was ever sent to it, so it need not be asked first.
    func fill(
        _ session: UploadSession, from path: String, isNew: Bool, log: any PublicationLog
    ) async throws -> End {
        try await run(session, path: path, isNew: isNew, log: log)
    }

    private func run(
        _ session: UploadSession, path: String?, isNew: Bool = false, log: any PublicationLog
    ) async throws -> End {
        var session = session
        var course = UploadCourse(total: session.bytes)
        var token = try await account.tokens.token()
        var move: UploadCourse.Move = isNew && path != nil ? .send(from: 0) : .ask(after: .zero)
        while true {
            var call = HTTPCall(.PUT, session.address.value, timeout: .seconds(60))
            var isQuestion = true
            switch move {
            case .send(let first):
                guard let path else { return .open(confirmed: first) }
                call = bytes(of: session, from: first, path)
                isQuestion = false
            case .ask(let wait):
                if wait > .zero { try await sleep(wait) }
                call.headers.add(name: "Content-Range", value: "bytes */\(session.bytes)")
            default: return .expired
            }
            // What lets in stands in the address' query.
            let key = Secret(String(session.address.value.drop { $0 != "?" }.dropFirst()))
            account.tokens.inUse.add(key)
            let line = account.line
            let asked = isQuestion ? "ask how much of the upload has arrived" : "upload \(session.bytes) bytes"
            call.headers.add(name: "Authorization", value: "Bearer \(token.value)")
            let reply: HTTPReply
            do {
                if case .send(let first) = move {
                    reply = try await watched(call, asked: asked, line, from: first, of: session.bytes, log)
                } else {
                    reply = try await line.send(call, asked: asked)
                }
            } catch let failure as StageFailure {
                guard case .transient = failure.kind else { throw failure }
                move = course.broke(failure.answer)
                if case .giveUp(_, let why) = move { throw line.failure(.transient(), asked: asked, answer: why) }
                continue
            }
            let wish = reply.retryAfter(now: account.now())
            move = course.answered(
                status: reply.status, range: reply.headers.first(name: "Range"), asked: isQuestion, retryAfter: wish)
            switch move {
            case .done: return .done(id: try? JSONDecoder().decode(VideoResource.self, from: Data(reply.body)).id)
            case .expired: return .expired
            case .renewToken:
                token = try await account.tokens.token(rejecting: token)
                move = .ask(after: .zero)
            case .refused:
                throw try await account.failure(
                    YouTubeTrouble(reply), reply, asked: asked, drawnOn: account.settings.uploads)
            case .giveUp(let wish, let why):
                throw line.failure(
                    .transient(retryAfter: wish), asked: asked, answer: "\(YouTubeTrouble(reply).words); \(why)")
            case .ask, .send:
                if reply.status == 308, let next = reply.headers.first(name: "Location"), next != session.address.value,
                    account.settings.endpoints.isOurs(next)
                {
                    // Before the next byte, as the first address was.
                    session = UploadSession(
                        address: Secret(next), account: session.account, bytes: session.bytes,
                        openedAt: session.openedAt)
                    try await log.opened(session)
                }
                await log.progress(course.confirmed, of: session.bytes)
            }
        }
    }

    /// Sends bytes, and tells how far it is once a second.
    private func watched(
        _ call: HTTPCall, asked: String, _ line: ProviderLine, from first: Int64, of total: Int64,
        _ log: any PublicationLog
    ) async throws -> HTTPReply {
        let (handedOver, tell) = AsyncStream.makeStream(of: Int64.self, bufferingPolicy: .bufferingNewest(1))
        var call = call
        call.sent = { tell.yield(first + $0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await bytes in handedOver {
                    await log.progress(bytes, of: total)
                    try await Task.sleep(for: .seconds(1))
                }
            }
            defer { group.cancelAll() }
            return try await line.send(call, asked: asked)
        }
    }

    private func bytes(of session: UploadSession, from first: Int64, _ path: String) -> HTTPCall {
        // A day: the silence limit ends what stands still, and the stage's limit what takes too long.
        var call = HTTPCall(
            .PUT, session.address.value, body: .file(path: path, range: first..<session.bytes),
            headTimeout: .seconds(300), idleTimeout: .seconds(60), timeout: .seconds(86_400))
        call.headers.add(name: "Content-Type", value: "video/mp4")
        if first > 0 {
            call.headers.add(name: "Content-Range", value: "bytes \(first)-\(session.bytes - 1)/\(session.bytes)")
        }
        return call
    }
}

/// The channel may not upload more for 24 hours; the account is parked.
struct ChannelDayOver: Error { let failure: StageFailure }
