import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import Testing

@testable import YouTube

private let isPut: @Sendable (HTTPRequestHead) -> Bool = { $0.method == .PUT }
private let isPiece: @Sendable (HTTPRequestHead) -> Bool = { isPut($0) && $0.headers["Content-Length"] != ["0"] }
private let isQuestion: @Sendable (HTTPRequestHead) -> Bool = { isPut($0) && $0.headers["Content-Length"] == ["0"] }

@Suite struct `A video on its way to YouTube` {
    @Test func `arrives whole by one PUT, with everything said about it, and each step logged before the next`()
        async throws
    {
        try await Studio.open { studio in
            let publication = try studio.publication()
            let published = try await studio.publish(publication)
            #expect(published.location == "https://www.youtube.com/watch?v=\(published.remoteID)")
            let video = try #require(studio.peer.videos.first)
            #expect(studio.peer.videos.count == 1 && video.id == published.remoteID)
            let hash = try studio.sha256(publication)
            #expect(video.sha256 == hash && video.fileName == "ytempire-7.mp4")
            #expect(video.snippet.tags == ["ytempire-7", "tower", "old stones"])
            #expect(video.snippet.defaultLanguage == "en-GB" && video.snippet.categoryId == "27")
            #expect(video.status.privacyStatus == "private" && video.status.publishAt == nil)
            #expect(video.status.selfDeclaredMadeForKids == false && video.status.containsSyntheticMedia == false)
            #expect(studio.peer.server.count(.PUT, "/upload/youtube/v3/videos") == 1, "no question before, none after")
            #expect(studio.peer.thumbnails == [published.remoteID: 1_002])
            let writes = await studio.log.writes
            #expect(
                writes == [
                    "choose 1", "opened", "published \(published.remoteID)", "finished verified", "finished thumbnail",
                    "finished playlist", "finished captions",
                ])
            let (uploads, units) = await (studio.quotas.used("uploads"), studio.quotas.used("units"))
            #expect(uploads == 1 && units == 51)
        }
    }

    @Test func `sends no byte before its session is kept`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            await studio.log.refuse("opened")
            await #expect(throws: MemoryPublication.Refused.self) { try await studio.publish(publication) }
            #expect(studio.peer.server.count(.PUT, "/upload/youtube/v3/videos") == 0)
            await studio.log.refuse("choose")
            await #expect(throws: MemoryPublication.Refused.self) { try await studio.publish(publication) }
            #expect(studio.peer.inserts == 1, "and asks for no session before its account is")
        }
    }

    @Test func `resumes after ten cuts with no byte sent twice beyond the last confirmed range`() async throws {
        try await Studio.open { studio in
            let bytes = 12 << 20
            let publication = try studio.publication(bytes: bytes)
            for cut in 1...10 {
                studio.peer.server.fail(.resetWhileReading(after: (1 << 20) + cut * 7_919), where: isPiece)
            }
            let published = try await studio.publish(publication)
            let video = try #require(studio.peer.videos.first)
            let hash = try studio.sha256(publication)
            #expect(video.id == published.remoteID && video.sha256 == hash && studio.peer.videos.count == 1)
            let transfer = try #require(studio.peer.transfers.first)
            #expect(transfer.starts.count == 11)
            // Each cut comes so far after its beginning that exactly four more steps are confirmed.
            #expect(transfer.starts == (0...10).map { Int64($0) << 20 })
            #expect(transfer.again == 0)
            let lost = (1...10).reduce(0) { $0 + Int64($1 * 7_919) }
            #expect(transfer.received == Int64(bytes) + lost, "beyond the bytes themselves only those that were lost")
            #expect(studio.peer.inserts == 1)
        }
    }

    @Test func `goes on in another process where the first one died`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 2 << 20)
            studio.peer.server.fail(.resetWhileReading(after: 1 << 20), where: isPiece)
            studio.peer.server.fail(.resetBeforeWork, times: 6, where: isQuestion)
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .transient() && failure.answer.contains("of 2097152 bytes"))
            let again = try await studio.comeBack(publication)
            #expect(studio.peer.videos.map(\.id) == [again.remoteID])
            let transfer = try #require(studio.peer.transfers.first)
            #expect(transfer.starts == [0, 1 << 20] && studio.peer.inserts == 1)
        }
    }

    @Test func `is found by its session where the last answer was lost`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            studio.peer.server.fail(.loseAnswer, where: isPiece)
            let published = try await studio.publish(publication)
            #expect(studio.peer.videos.map(\.id) == [published.remoteID])
            #expect(studio.peer.server.requests.count { isQuestion($0.head) } == 1)
        }
    }

    @Test func `is found by its session in the next process, too`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            await studio.log.refuse("published")
            await #expect(throws: MemoryPublication.Refused.self) { try await studio.publish(publication) }
            await studio.log.refuse(nil)
            let found = try await studio.publisher.lookUp(
                marker: publication.marker, channel: publication.channel, log: studio.log)
            #expect(found?.remoteID == studio.peer.videos.first?.id && studio.peer.videos.count == 1)
        }
    }

    @Test func `survives errors that pass, waits as told, and follows the server's own count`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 2 << 20)
            studio.peer.server.fail(.reply(PeerReply(503, headers: ["Retry-After": "11"])), where: isPiece)
            studio.peer.server.fail(.resetWhileReading(after: 3 << 19), where: isPiece)
            studio.peer.forget(to: 1 << 18)
            studio.peer.server.fail(.reply(PeerReply(308, headers: ["Range": "bytes=77-99"])), where: isQuestion)
            _ = try await studio.publish(publication)
            let transfer = try #require(studio.peer.transfers.first)
            #expect(transfer.starts.last == 1 << 18 && studio.clock.slept.first == .seconds(11))
            let hash = try studio.sha256(publication)
            #expect(studio.peer.videos.first?.sha256 == hash)
        }
    }

    @Test func `follows its session to another address, which is kept before the next byte`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 1 << 20)
            studio.peer.server.fail(.resetWhileReading(after: 1 << 19), where: isPiece)
            studio.peer.moveNextSession()
            _ = try await studio.publish(publication)
            let session = await studio.log.session
            #expect(session?.address.value.contains("moved") == true)
            let writes = await studio.log.writes
            #expect(writes.filter { $0 == "opened" }.count == 2)
            #expect(studio.peer.videos.count == 1)
        }
    }

    @Test func `goes on with a fresh token where the old one runs out in the middle`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 4 << 20)
            studio.peer.server.fail(
                .replyWhileReading(after: 1 << 20, PeerRefusal(401, "authError", "Invalid Credentials").reply),
                where: isPiece)
            _ = try await studio.publish(publication)
            #expect(studio.peer.videos.count == 1 && studio.peer.inserts == 1)
            #expect(studio.peer.refreshes == 2)
            let transfer = try #require(studio.peer.transfers.first)
            #expect(transfer.starts == [0, 1 << 20])
        }
    }

    @Test func `whose session has expired is uploaded again only after an hour of looks`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 1 << 20)
            studio.peer.server.fail(.resetWhileReading(after: 1 << 19), where: isPiece)
            studio.peer.server.fail(.resetBeforeWork, times: 6, where: isQuestion)
            _ = try await studio.failure { _ = try await studio.publish(publication) }
            studio.peer.expireSessions()
            // A day later: it is the first look that counts, not the session's age.
            studio.clock.advance(86_400)
            let start = studio.clock.now
            for look in 0..<4 {
                let failure = try await studio.failure { _ = try await studio.comeBack(publication) }
                guard case .limited(let due) = failure.kind else { return #expect(Bool(false), "\(failure)") }
                #expect(due == start.addingTimeInterval(Double(look + 1) * 900) && studio.peer.inserts == 1)
                studio.clock.advance(due.timeIntervalSince(studio.clock.now))
            }
            let published = try await studio.comeBack(publication)
            #expect(studio.peer.inserts == 2 && studio.peer.videos.map(\.id) == [published.remoteID])
        }
    }

    @Test func `whose session has expired after its last byte is found by its marker, however late it is listed`()
        async throws
    {
        try await Studio.open { studio in
            for day in 0..<120 {
                studio.peer.add(
                    PeerVideo(
                        id: "old-\(day)", channel: "UC-peer", tags: ["ytempire-\(day + 100)"],
                        uploadedAt: studio.clock.now.addingTimeInterval(Double(-day) * 600)))
            }
            let publication = try studio.publication()
            await studio.log.refuse("published")
            await #expect(throws: MemoryPublication.Refused.self) { try await studio.publish(publication) }
            await studio.log.refuse(nil)
            let id = try #require(studio.peer.videos.last?.id)
            studio.peer.server.fail(.reply(PeerReply(404)), times: 2, where: isQuestion)
            studio.peer.server.fail(
                .reply(.json("{\"items\": []}")), where: { $0.uri.contains("/videos?part=snippet") })
            studio.peer.server.fail(
                .reply(.json("{\"items\": []}")), times: 2, where: { $0.uri.contains("/videos?part=snippet") })
            let failure = try await studio.failure { _ = try await studio.comeBack(publication) }
            guard case .limited = failure.kind else { return #expect(Bool(false), "\(failure)") }
            studio.clock.advance(900)
            let published = try await studio.comeBack(publication)
            #expect(published.remoteID == id && studio.peer.inserts == 1)
        }
    }

    @Test func `that is complete and never listed ends as unknown, and a retry looks again`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication()
            studio.peer.hideNewVideos()
            studio.peer.server.fail(.reply(PeerReply(200)), times: 99, where: isQuestion)
            studio.peer.server.fail(.loseAnswer, where: isPiece)
            let first = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(first.kind == .limited(until: studio.clock.now.addingTimeInterval(900)))
            studio.clock.advance(3_600)
            let unknown = try await studio.failure { _ = try await studio.comeBack(publication) }
            #expect(unknown.kind == .permanent && unknown.answer.contains("publication unknown"))
            #expect(studio.peer.inserts == 1)
            studio.peer.showAllVideos()
            _ = try await studio.comeBack(publication)
            #expect(studio.peer.inserts == 1 && studio.peer.videos.count == 1)
        }
    }

    @Test func `that was rendered again does not go on with the other's bytes`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(bytes: 1 << 20)
            studio.peer.server.fail(.resetWhileReading(after: 1 << 19), where: isPiece)
            studio.peer.server.fail(.resetBeforeWork, times: 6, where: isQuestion)
            _ = try await studio.failure { _ = try await studio.publish(publication) }
            try Data([UInt8](repeating: 5, count: 700_000)).write(to: publication.video)
            _ = try await studio.comeBack(publication)
            let hash = try studio.sha256(publication)
            #expect(studio.peer.videos.map(\.sha256) == [hash] && studio.peer.inserts == 2)
        }
    }

    @Test func `gives its token to no address that is not Google's`() async throws {
        let google = GoogleEndpoints()
        #expect(
            google.isOurs("https://www.googleapis.com/upload?x=1") && google.isOurs("https://youtube.googleapis.com/a"))
        for address in [
            "http://www.googleapis.com/", "https://evil.example/", "https://www.googleapis.com@evil.example/",
            "https://googleapis.com.evil.example/", "ftp://www.googleapis.com/", "/upload",
        ] { #expect(!google.isOurs(address), "\(address)") }
        try await Studio.open { studio in
            let publication = try studio.publication()
            studio.peer.server.fail(
                .reply(PeerReply(200, headers: ["Location": "https://evil.example/u"])),
                where: { $0.uri.contains("uploadType=resumable") })
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .transient())
        }
    }
}
