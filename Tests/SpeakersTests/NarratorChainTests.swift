import Foundation
import HTTP
import OfflineVoice
import Production
import ProviderPeers
import SpeechPeers
import Synchronization
import Testing

@testable import Speakers

/// A voice that says what it is told to: nothing to hear, or why not.
private final class ToldNarrator: Narrator {
    let provider: ProviderName
    let failure: StageFailure?
    let asked = Mutex<[String?]>([])

    init(_ provider: ProviderName, _ kind: StageFailure.Kind? = nil, shortOf: StageFailure.Ceiling? = nil) {
        self.provider = provider
        failure = kind.map {
            StageFailure($0, provider: provider, asked: "speak", answer: "not today", shortOf: shortOf)
        }
    }

    func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory {
        asked.withLock { $0.append(voice) }
        if let failure { throw failure }
        return SpokenStory(
            Narration(voice: voice ?? "own", duration: 0, scenes: [], words: []), provider: provider)
    }
}

@Suite struct `The voices in their order` {
    private let file = URL(filePath: "/nonexistent/narration.wav")

    private func story(
        _ narrators: [ToldNarrator], voice: String? = nil, _ policy: Channel.ShortOfMoney = .hold, failures: Int = 0
    ) async throws -> SpokenStory {
        try await NarratorChain(narrators, now: standing).following(policy, failures: failures)
            .speak(.lighthouse, voice: voice, to: file, spending: NoSpending())
    }

    private func failure(
        _ narrators: [ToldNarrator], _ policy: Channel.ShortOfMoney = .hold, failures: Int = 0
    ) async throws -> StageFailure? {
        await #expect(throws: StageFailure.self) {
            try await story(narrators, policy, failures: failures)
        }
    }

    @Test func `speak for one that is refused, and the attempt tells so`() async throws {
        let story = try await story([
            ToldNarrator("elevenlabs", .permanent), ToldNarrator("openai", .permanent), ToldNarrator("offline"),
        ])
        #expect(story.provider == "offline")
        #expect(story.notes["passed_over"] == "elevenlabs: not today; openai: not today")
        #expect(try await self.story([ToldNarrator("offline")]).notes.isEmpty)
    }

    @Test func `leave what may go away to the fleet, until the third time`() async throws {
        let chain = [ToldNarrator("elevenlabs", .transient(retryAfter: .seconds(3))), ToldNarrator("offline")]
        #expect(try await failure(chain)?.kind == .transient(retryAfter: .seconds(3)))
        #expect(try await failure(chain, failures: 1)?.provider == "elevenlabs")
        #expect(try await story(chain, failures: 2).provider == "offline")
        #expect(try await failure([chain[0]], failures: 7)?.kind == .transient(retryAfter: .seconds(3)))
    }

    @Test func `follow the channel's policy when money is short`() async throws {
        let tomorrow = standing() + 80_000
        for ceiling in [StageFailure.Ceiling.day, .provider] {
            let chain = [
                ToldNarrator("elevenlabs", .limited(until: tomorrow), shortOf: ceiling), ToldNarrator("offline"),
            ]
            #expect(try await story(chain, .cheaper).provider == "offline")
            #expect(try await failure(chain, .hold)?.kind == .limited(until: tomorrow))
            #expect(try await failure(chain, .stop)?.kind == .permanent)
        }
        let dear = [ToldNarrator("elevenlabs", .permanent, shortOf: .video), ToldNarrator("offline")]
        #expect(try await story(dear, .cheaper).provider == "offline")
        #expect(try await failure(dear, .hold)?.shortOf == .video)
        #expect(try await failure(dear, .stop)?.kind == .permanent)
    }

    @Test func `don't hold a video for credits that don't come back tomorrow`() async throws {
        let credits = [
            ToldNarrator("elevenlabs", .limited(until: standing() + 9 * 86_400), shortOf: .provider),
            ToldNarrator("offline"),
        ]
        #expect(try await story(credits, .hold).provider == "offline")
        #expect(try await failure(credits, .stop)?.kind == .permanent)
        let rate = [ToldNarrator("openai", .limited(until: standing() + 60)), ToldNarrator("offline")]
        #expect(try await failure(rate)?.kind == .limited(until: standing() + 60))
    }

    @Test func `when none can, fail with what leaves most hope, and with all that was said`() async throws {
        let failure = try await failure([
            ToldNarrator("elevenlabs", .limited(until: standing() + 9 * 86_400), shortOf: .provider),
            ToldNarrator("offline", .permanent),
        ])
        #expect(failure?.kind == .limited(until: standing() + 9 * 86_400) && failure?.provider == "elevenlabs")
        #expect(failure?.answer.contains("offline: speak: not today") == true)
    }

    @Test func `begin with the one that the channel names, which others don't know`() async throws {
        let chain = [ToldNarrator("elevenlabs"), ToldNarrator("openai", .permanent), ToldNarrator("offline")]
        let spoken = try await story(chain, voice: "openai:nova")
        #expect(spoken.provider == "offline" && spoken.narration.voice == "own")
        #expect(chain.map { $0.asked.withLock { $0 } } == [[], ["nova"], [nil]])
        #expect(try await story(chain, voice: "offline:gmw/de").narration.voice == "gmw/de")
        #expect(try await story(chain, voice: "cmu_us_slt").narration.voice == "cmu_us_slt")
        let absent = try await story(chain, voice: "command:anna")
        #expect(absent.provider == "elevenlabs" && absent.notes["voice_asked"]?.contains("not set up") == true)
        let malformed = try await story(chain, voice: "google:anna")
        #expect(malformed.provider == "elevenlabs" && malformed.notes["voice_asked"]?.contains("google") == true)
    }

    @Test func `pass on a narration whole, and what was paid for stays kept`() async throws {
        try await ElevenLabsPeer.with { eleven in
            try await OpenAISpeechPeer.with { openAI in
                let (booth, purse) = (try Booth(), PurseOfMemory())
                var settings = SpeakersSettings(
                    elevenLabs: ElevenLabsSettings(
                        key: Secret(ElevenLabsPeer.Account().key), base: eleven.server.address,
                        voices: VoicesByLanguage(["*": "21m00Tcm4TlvDq8ikWAM"])),
                    openAI: OpenAISpeechSettings(
                        key: Secret(OpenAISpeechPeer.key), base: openAI.server.address + "/v1", model: "tts-1"))
                settings.order = ["elevenlabs", "command", "openai", "offline"]
                let chain = settings.chain(local: [OfflineVoice()], prices: .speech, caller: try HTTPCaller())
                // The third scene's credit is missing.
                let enough = Storyboard.lighthouse.scenes[..<2].reduce(0) { $0 + $1.narration.count }
                eleven.change { $0.creditLimit = enough }
                let story = try await chain.following(.cheaper, failures: 0).speak(
                    .lighthouse, voice: nil, to: booth.sound, spending: purse)
                #expect(story.provider == "openai" && story.narration.voice == "openai:nova")
                #expect(story.notes["passed_over"]?.contains("quota_exceeded") == true)
                #expect(eleven.work.count == 2 && openAI.work.count == 5, "one voice for the whole of it")
                eleven.change { $0.creditLimit = 1_000_000 }
                let retried = try await chain.speak(.lighthouse, voice: nil, to: booth.sound, spending: purse)
                #expect(retried.provider == "elevenlabs" && eleven.work.count == 5 && purse.now.found == 2)
            }
        }
    }
}
