import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Speech
import SpeechPeers
import Testing

@testable import Speakers

private func openAI(
    _ peer: OpenAISpeechPeer, model: String = "gpt-4o-mini-tts", format: String = "mp3", voice: String = "nova",
    key: String = OpenAISpeechPeer.key, instructions: String? = nil, isPaid: Bool = true
) throws -> OpenAINarrator {
    OpenAINarrator(
        OpenAISpeechSettings(
            key: Secret(key), base: peer.server.address + "/v1", model: model,
            voices: VoicesByLanguage(["*": voice]), format: try #require(SoundFormat(openAI: format)),
            instructions: instructions, isPaid: isPaid),
        prices: .speech, caller: try HTTPCaller(), now: standing)
}

@Suite struct `A narration by OpenAI's speech` {
    @Test func `has its words found within 80 ms`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let story = try await openAI(peer).speak(
                .lighthouse, voice: nil, to: booth.sound, spending: purse)
            #expect(story.narration.voice == "openai:nova" && story.provider == "openai")
            let errors = try TruthInSound.errors(of: story.narration, in: booth.sound, takes: peer.work.map(\.take))
            let near = errors.count { $0.0 < 0.08 }
            #expect(Double(near) >= 0.95 * Double(errors.count), "\(near) of \(errors.count): \(errors.map(\.0))")
        }
    }

    @Test func `by a voice that the offline one is not like is kept, if need be with guessed times`() async throws {
        try await OpenAISpeechPeer.with(by: PeerVoice.Person(voice: "gmw/en-US")) { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let storyboard = Storyboard.spoken([(.closing, "Good night to you all."), (.body, "The lamp burns.")])
            let story = try await openAI(peer, format: "wav").speak(
                storyboard, voice: nil, to: booth.sound, spending: purse)
            let errors = try TruthInSound.errors(of: story.narration, in: booth.sound, takes: peer.work.map(\.take))
            #expect(errors.allSatisfy { $0.0 < 0.25 }, "\(errors) \(story.notes)")
        }
    }

    @Test func `asked for again is found and not paid for`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let storyboard = Storyboard.spoken([(.body, "The lamp burns."), (.closing, "Good night to you all.")])
            let narrator = try openAI(peer, instructions: "Calm and warm.")
            let first = try await narrator.speak(storyboard, voice: "onyx", to: booth.sound, spending: purse)
            let sound = try Data(contentsOf: booth.sound)
            let again = try await narrator.speak(storyboard, voice: "onyx", to: booth.sound, spending: purse)
            #expect(try Data(contentsOf: booth.sound) == sound)
            // The offline voice's breath is drawn by lot, and what is compared with it differs by a frame now and then.
            #expect(
                zip(again.narration.words, first.narration.words).allSatisfy {
                    $0.text == $1.text && abs($0.start - $1.start) < 0.05
                })
            #expect(peer.work.count == 2 && purse.now.found == 2)
            #expect(peer.work.allSatisfy { $0.voice == "onyx" && $0.instructions == "Calm and warm." })
            let characters = Int64(peer.work.reduce(0) { $0 + $1.characters })
            #expect(purse.now.costs.reduce(0) { $0 + $1.quantity } == characters)
            #expect(purse.now.requests.map(\.upperBound) == purse.now.costs.map(\.amount))
        }
    }

    @Test func `by an older model gets no instructions, and by a server of one's own costs nothing`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let storyboard = Storyboard.spoken([(.body, "The lamp burns.")])
            _ = try await openAI(peer, model: "tts-1-hd", instructions: "Calm.", isPaid: false).speak(
                storyboard, voice: nil, to: booth.sound, spending: purse)
            #expect(peer.work.map(\.instructions) == [nil])
            #expect(purse.now.costs.isEmpty && purse.now.requests.map(\.upperBound) == [.zero])
        }
    }

    @Test(arguments: [
        (401, "invalid_request_error", "invalid_api_key", StageFailure.Kind.permanent, true),
        (403, "invalid_request_error", "unsupported_country_region_territory", .permanent, true),
        (404, "invalid_request_error", "model_not_found", .permanent, true),
        (429, "requests", "rate_limit_exceeded", .transient(), true),
        (500, "server_error", "server_error", .transient(), false),
        (503, "service_unavailable_error", "server_is_overloaded", .transient(), false),
    ])
    func `refused is told in its words`(
        status: Int, type: String, code: String, kind: StageFailure.Kind, isFree: Bool
    ) async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            peer.server.fail(.reply(OpenAISpeechPeer.refusal(status, type: type, code: code, "It said no.")))
            let (narrator, file) = (try openAI(peer), booth.sound)
            let failure = await #expect(throws: StageFailure.self) {
                try await narrator.speak(.lighthouse, voice: nil, to: file, spending: purse)
            }
            #expect(failure?.kind == kind && failure?.answer.contains("It said no.") == true)
            #expect(failure?.answer.contains(code) == true)
            #expect(purse.now.inDoubt == (isFree ? 0 : 1))
        }
    }

    @Test func `refused for lack of credit is short of money, whatever its status`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            peer.server.fail(
                .reply(
                    OpenAISpeechPeer.refusal(429, type: "insufficient_quota", code: "credit_balance_exhausted", "No.")))
            let (narrator, file) = (try openAI(peer), booth.sound)
            let failure = await #expect(throws: StageFailure.self) {
                try await narrator.speak(.lighthouse, voice: nil, to: file, spending: purse)
            }
            #expect(failure?.shortOf == .provider && purse.now.released == 1)
            guard case .limited = failure?.kind else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
    }

    @Test func `that is no sound is not kept`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            peer.server.fail(.reply(.json(#"{"error":"out of memory"}"#)))
            let (narrator, file) = (try openAI(peer), booth.sound)
            let failure = await #expect(throws: StageFailure.self) {
                try await narrator.speak(.lighthouse, voice: nil, to: file, spending: purse)
            }
            #expect(failure?.kind == .transient() && purse.now.kept.isEmpty && purse.now.inDoubt == 1)
            #expect(failure?.answer.contains("out of memory") == true)
        }
    }

    @Test func `in a language that nobody could find the words of is refused before it is paid for`() async throws {
        try await OpenAISpeechPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let storyboard = Storyboard.spoken([(.body, "qo' vIvan.")], language: "tlh")
            let (narrator, file) = (try openAI(peer), booth.sound)
            let failure = await #expect(throws: StageFailure.self) {
                try await narrator.speak(storyboard, voice: nil, to: file, spending: purse)
            }
            #expect(failure?.kind == .permanent && purse.now.requests.isEmpty && peer.work.isEmpty)
        }
    }
}
