import Foundation
import NIOHTTP1
import Production
import ProviderPeers
import Testing

@testable import YouTube

@Suite struct `After the upload` {
    private let whole = Channel.Publishing(
        privacy: .unlisted, madeForKids: true, syntheticMedia: true, playlist: "PL-1", captions: true)

    @Test func `everything is done once, whatever is tried again`() async throws {
        try await Studio.open { studio in
            studio.peer.makePlaylist("PL-1")
            let publication = try studio.publication(publishing: whole)
            for step in ["finished verified", "finished thumbnail", "finished playlist", "finished captions"] {
                await studio.log.refuse(step)
                await #expect(throws: MemoryPublication.Refused.self) { try await studio.comeBack(publication) }
            }
            await studio.log.refuse(nil)
            let published = try await studio.comeBack(publication)
            #expect(studio.peer.videos.count == 1 && studio.peer.playlist("PL-1") == [published.remoteID])
            #expect(studio.peer.captions == ["\(published.remoteID) en-GB "])
            let status = studio.peer.videos.first?.status
            #expect(status?.privacyStatus == "unlisted" && status?.selfDeclaredMadeForKids == true)
            #expect(status?.containsSyntheticMedia == true)
            let done = await studio.log.steps
            #expect(done == Set(PublicationStep.allCases))
            let note = await studio.log.notes[.verified]
            #expect(note == "as unlisted", "what was read back is told")
            let asked = studio.peer.server.requests.count
            let again = try await studio.comeBack(publication)
            #expect(again == published && studio.peer.server.requests.count == asked, "a complete one asks nobody")
        }
    }

    @Test func `an answer that was lost does not put the video into its playlist twice`() async throws {
        try await Studio.open { studio in
            studio.peer.makePlaylist("PL-1")
            let publication = try studio.publication(publishing: whole)
            for path in ["/youtube/v3/playlistItems", "/upload/youtube/v3/captions"] {
                studio.peer.server.fail(.loseAnswer, where: { $0.method == .POST && $0.uri.hasPrefix(path) })
                let failure = try await studio.failure { _ = try await studio.comeBack(publication) }
                #expect(failure.kind == .transient())
            }
            let published = try await studio.comeBack(publication)
            #expect(studio.peer.playlist("PL-1") == [published.remoteID] && studio.peer.captions.count == 1)
        }
    }

    @Test func `a video that came out more public than asked is set private, and told whole`() async throws {
        try await Studio.open { studio in
            studio.peer.distort { ($0.privacyStatus, $0.embeddable, $0.license) = ("public", false, "youtube") }
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent)
            #expect(failure.answer == "its privacy should be private, and is public; it was set private")
            let status = studio.peer.videos.first?.status
            #expect(status?.privacyStatus == "private" && status?.embeddable == false && status?.license == "youtube")
            #expect(status?.selfDeclaredMadeForKids == false, "nothing else of it is erased")
        }
    }

    @Test func `where that is not allowed, a person is told to do it at once`() async throws {
        try await Studio.open(scopes: Set(GoogleScope.needed().map(\.rawValue))) { studio in
            studio.peer.distort { $0.privacyStatus = "unlisted" }
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.answer.contains("could not be set private, do that in YouTube Studio at once"))
            #expect(failure.answer.contains("insufficientPermissions"))
        }
    }

    @Test func `other differences and a rejection end the job with what is different`() async throws {
        try await Studio.open { studio in
            studio.peer.distort { ($0.selfDeclaredMadeForKids, $0.containsSyntheticMedia) = (true, true) }
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(
                failure.answer
                    == "made for kids should be false, and is true; synthetic media should be false, and is true")
        }
        try await Studio.open { studio in
            studio.peer.distort { ($0.uploadStatus, $0.rejectionReason) = ("rejected", "duplicate") }
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent && failure.answer == "YouTube rejected it: duplicate")
        }
    }

    @Test func `a video that is not listed yet is looked for again`() async throws {
        try await Studio.open { studio in
            studio.peer.hideNewVideos()
            let publication = try studio.publication()
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .transient(retryAfter: .seconds(60)))
        }
    }

    @Test func `a video that waits for its moment says so, and may be public once that has come`() async throws {
        try await Studio.open { studio in
            let publishing = Channel.Publishing(publishAt: TimeOfDay(hour: 18, minute: 0))
            let moment = studio.clock.now.addingTimeInterval(7_200)
            let publication = try studio.publication(publishing: publishing, publishAt: moment)
            studio.peer.server.fail(.resetBeforeWork, where: { $0.method == .GET })
            _ = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(studio.peer.videos.first?.status.publishAt == moment.formatted(.iso8601))
            studio.clock.advance(8_000)
            studio.peer.server.fail(
                .reply(
                    .json(
                        """
                        {"items": [{"id": "video", "status": {"privacyStatus": "public", "uploadStatus": "processed",
                          "selfDeclaredMadeForKids": false, "madeForKids": false}}]}
                        """)), where: { $0.method == .GET && $0.uri.contains("part=status") })
            _ = try await studio.comeBack(publication)
        }
        try await Studio.open { studio in
            let publishing = Channel.Publishing(privacy: .public, publishAt: TimeOfDay(hour: 18, minute: 0))
            let publication = try studio.publication(publishing: publishing, publishAt: studio.clock.now)
            _ = try await studio.publish(publication)
            #expect(studio.peer.videos.first?.status.publishAt == nil)
            let note = await studio.log.notes[.verified]
            #expect(note?.hasPrefix("as public; ") == true && note?.contains("private videos only") == true)
        }
    }

    @Test func `a thumbnail that can't be set is noted, and the video stands`() async throws {
        try await Studio.open { studio in
            let forbidden = PeerRefusal(403, "forbidden", "The authenticated user does not have permissions.").reply
            studio.peer.server.fail(.reply(forbidden), where: { $0.uri.contains("/thumbnails/set") })
            let publication = try studio.publication()
            _ = try await studio.publish(publication)
            let note = await studio.log.notes[.thumbnail]
            #expect(note?.contains("does not have permissions") == true && studio.peer.thumbnails.isEmpty)
        }
        try await Studio.open { studio in
            let publication = try studio.publication(thumbnail: 2_000_000)
            _ = try await studio.publish(publication)
            let note = await studio.log.notes[.thumbnail]
            #expect(note?.contains("2000002 bytes") == true)
            #expect(studio.peer.server.count(.POST, "/upload/youtube/v3/thumbnails/set") == 0)
        }
        try await Studio.open { studio in
            studio.peer.server.fail(.reply(PeerReply(503)), times: 2, where: { $0.uri.contains("/thumbnails/set") })
            let publication = try studio.publication()
            _ = try await studio.publish(publication)
            #expect(studio.peer.thumbnails.count == 1)
        }
    }

    @Test func `a playlist that is not there says what to change`() async throws {
        try await Studio.open { studio in
            let publication = try studio.publication(publishing: whole)
            let failure = try await studio.failure { _ = try await studio.publish(publication) }
            #expect(failure.kind == .permanent && failure.answer.contains("set the channel's playlist to one"))
            studio.peer.makePlaylist("PL-1")
            _ = try await studio.comeBack(publication)
            #expect(studio.peer.videos.count == 1 && studio.peer.playlist("PL-1").count == 1)
        }
    }
}
