import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import Speech
import SpeechPeers
import Testing

@testable import Speakers

func elevenLabs(
    _ peer: ElevenLabsPeer, model: String = "eleven_multilingual_v2", format: String = "mp3_44100_128",
    key: String = ElevenLabsPeer.Account().key, atOnce: Int = 2
) throws -> ElevenLabsNarrator {
    ElevenLabsNarrator(
        ElevenLabsSettings(
            key: Secret(key), base: peer.server.address, model: model,
            voices: VoicesByLanguage(["en": "21m00Tcm4TlvDq8ikWAM"]),
            format: try #require(SoundFormat(elevenLabs: format)), atOnce: atOnce),
        prices: .speech, caller: try HTTPCaller(), now: standing, sleep: noSleep)
}

@Suite struct `A narration by ElevenLabs` {
    @Test(arguments: ["mp3_44100_128", "pcm_24000"])
    func `says within 50 ms when each word is heard`(format: String) async throws {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let story = try await elevenLabs(peer, format: format).speak(
                .lighthouse, voice: nil, to: booth.sound, spending: purse)
            let narration = story.narration
            #expect(narration.voice == "elevenlabs:21m00Tcm4TlvDq8ikWAM" && story.provider == "elevenlabs")
            #expect(
                narration.words.map(\.text)
                    == Storyboard.lighthouse.scenes.flatMap {
                        spokenTokens(of: $0.narration).map(String.init)
                    })
            #expect(zip(narration.words, narration.words.dropFirst()).allSatisfy { $0.end <= $1.start + 1e-9 })
            let wav = try Sound(wav: booth.sound.path)
            #expect(wav.sampleRate == 48_000 && abs(wav.duration - narration.duration) < 0.001)
            let errors = try TruthInSound.errors(of: narration, in: booth.sound, takes: peer.work.map(\.take))
            let worst = (errors.map(\.0).max() ?? 1, errors.map(\.1).max() ?? 1)
            #expect(worst.0 < 0.05 && worst.1 < 0.05, "\(worst)")
        }
    }

    @Test func `is asked for scene by scene, and what may come back by itself`() async throws {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            _ = try await elevenLabs(peer).speak(.lighthouse, voice: nil, to: booth.sound, spending: purse)
            let scenes = Storyboard.lighthouse.scenes
            let asked = peer.work.map(\.request)
            #expect(
                asked.map { $0["text"] } == [
                    scenes[0].narration, scenes[1].narration, scenes[2].narration,
                    "Thanks for watching the lighthouse channel.", "See you again tomorrow evening.",
                ])
            #expect(asked[1]["previous_text"] == scenes[0].narration && asked[1]["next_text"] == scenes[2].narration)
            for alone in [0, 3, 4] {
                #expect(asked[alone]["previous_text"] == nil && asked[alone]["next_text"] == nil)
            }
            #expect(peer.mostUnderWay == 1)
        }
    }

    @Test func `asked for again is found and not paid for, and so are phrases of other videos`() async throws {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let narrator = try elevenLabs(peer)
            let first = try await narrator.speak(.lighthouse, voice: nil, to: booth.sound, spending: purse)
            let bytes = try Data(contentsOf: booth.sound)
            let billed = peer.creditsBilled
            let again = try await elevenLabs(peer).speak(.lighthouse, voice: nil, to: booth.sound, spending: purse)
            #expect(again == first && purse.now.found == 5 && peer.creditsBilled == billed)
            #expect(try Data(contentsOf: booth.sound) == bytes)

            let other = Storyboard.spoken([
                (.opening, "A harbour has many lights."), (.body, "The green one is on the right."),
                (.closing, Storyboard.outro),
            ])
            _ = try await narrator.speak(other, voice: nil, to: booth.sound, spending: purse)
            #expect(peer.work.count == 7 && purse.now.found == 7)
        }
    }

    @Test func `says a channel's phrases by themselves, and the rest of their scenes at once`() async throws {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            func framed(_ opening: String, _ closing: String) -> Storyboard {
                var story = Storyboard.spoken([(.opening, opening), (.closing, closing + " Source: The Log.")])
                story.scenes[0].phrases = []
                story.scenes[1].phrases = ["Source: The Log."]
                return story.framed(by: Channel.Brief(greeting: "Hello.", farewell: Storyboard.outro))
            }
            let narrator = try elevenLabs(peer)
            let first = framed("A ship came in. It was late.", "It left again.")
            let story = try await narrator.speak(first, voice: nil, to: booth.sound, spending: purse)
            let asked = peer.work.map(\.request)
            #expect(
                asked.map { $0["text"] } == [
                    "Hello.", "A ship came in. It was late.", "It left again.", "Source: The Log.", Storyboard.outro,
                ])
            for alone in [0, 3, 4] {
                #expect(asked[alone]["previous_text"] == nil && asked[alone]["next_text"] == nil)
            }
            #expect(asked[1]["previous_text"] == "Hello." && asked[2]["next_text"] == "Source: The Log.")
            #expect(
                story.narration.words.map(\.text)
                    == first.scenes.flatMap { spokenTokens(of: $0.narration).map(String.init) })
            _ = try await narrator.speak(
                framed("Another one came.", "It stayed."), voice: nil, to: booth.sound, spending: purse)
            #expect(peer.work.count == 7 && purse.now.found == 3)
        }
    }

    @Test func `is cut below the model's limit at the ends of sentences, and joined in order`() async throws {
        let long = (1...6).map { "This is the sentence number \($0) of a rather long scene." }.joined(separator: " ")
        let storyboard = Storyboard.spoken([(.body, long), (.body, "A short one.")])
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let story = try await elevenLabs(peer, model: "eleven_tiny").speak(
                storyboard, voice: nil, to: booth.sound, spending: purse)
            let texts = peer.work.map { $0.take.text }
            #expect(texts.count == 4 && texts.allSatisfy { $0.count <= 120 && $0.hasSuffix(".") })
            #expect(texts[..<3].joined(separator: " ") == long)
            #expect(story.narration.words.map(\.text).joined(separator: " ") == long + " A short one.")
            let errors = try TruthInSound.errors(of: story.narration, in: booth.sound, takes: peer.work.map(\.take))
            #expect(errors.allSatisfy { $0.0 < 0.05 && $0.1 < 0.05 })
        }
    }

    @Test func `costs what its answer says, else its characters by the model's rate`() async throws {
        let storyboard = Storyboard.spoken([(.body, "Nineteen characters and some more of them.")])
        let count = Int64(storyboard.scenes[0].narration.count)
        for (model, tells, expected) in [
            ("eleven_multilingual_v2", true, count), ("eleven_flash_v2_5", true, (count + 1) / 2),
            ("eleven_flash_v2_5", false, (count + 1) / 2),
        ] {
            var account = ElevenLabsPeer.Account()
            account.tellsCost = tells
            try await ElevenLabsPeer.with(account) { peer in
                let (booth, purse) = (try Booth(), PurseOfMemory())
                _ = try await elevenLabs(peer, model: model).speak(
                    storyboard, voice: nil, to: booth.sound, spending: purse)
                let cost = try #require(purse.now.costs.first)
                #expect(cost.item == "characters" && cost.quantity == expected && Int(expected) == peer.creditsBilled)
                #expect(cost.amount == MicroDollars(expected * 100))
                #expect(purse.now.requests[0].upperBound == MicroDollars(count * 100))
            }
        }
    }

    @Test func `by a key that may only speak is cut by configuration and priced without a discount`() async throws {
        var account = ElevenLabsPeer.Account()
        (account.mayRead, account.tellsCost) = (false, false)
        try await ElevenLabsPeer.with(account) { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let storyboard = Storyboard.spoken([(.body, "The lamp burns.")])
            _ = try await elevenLabs(peer, model: "eleven_flash_v2_5").speak(
                storyboard, voice: nil, to: booth.sound, spending: purse)
            #expect(purse.now.costs.map(\.quantity) == [15])
        }
    }

    @Test func `finds the words itself where the answer does not tell them`() async throws {
        var account = ElevenLabsPeer.Account()
        account.tellsTimes = false
        try await ElevenLabsPeer.with(account) { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let story = try await elevenLabs(peer).speak(
                .lighthouse, voice: "pNInz6obpgDQGcFmaJgB", to: booth.sound, spending: purse)
            let errors = try TruthInSound.errors(of: story.narration, in: booth.sound, takes: peer.work.map(\.take))
            let near = errors.count { $0.0 < 0.08 }
            #expect(Double(near) >= 0.95 * Double(errors.count), "\(near) of \(errors.count)")
        }
    }

    @Test func `has no context where the model refuses one, and names the language where the model takes it`()
        async throws
    {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            _ = try await elevenLabs(peer, model: "eleven_v3").speak(
                .lighthouse, voice: nil, to: booth.sound, spending: purse)
            #expect(peer.work.allSatisfy { $0.request["previous_text"] == nil && $0.request["language_code"] == "en" })
        }
    }
}

@Suite struct `What ElevenLabs refuses` {
    private static let storyboard = Storyboard.spoken([(.body, "The lamp burns."), (.body, "The ship is safe.")])

    private func failure(
        _ purse: PurseOfMemory, _ peer: ElevenLabsPeer, model: String = "eleven_multilingual_v2",
        key: String = ElevenLabsPeer.Account().key, voice: String? = nil
    ) async throws -> StageFailure? {
        let booth = try Booth()
        let (narrator, file) = (try elevenLabs(peer, model: model, key: key), booth.sound)
        let failure = await #expect(throws: StageFailure.self) {
            try await narrator.speak(Self.storyboard, voice: voice, to: file, spending: purse)
        }
        #expect(!FileManager.default.fileExists(atPath: file.path), "what is not whole does not stay")
        return failure
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let status: Int
        let body: String
        let kind: StageFailure.Kind
        let isFree: Bool
        var headers: HTTPHeaders = [:]

        var testDescription: String { "\(status) \(body.prefix(50))" }

        static func detail(
            _ status: Int, _ code: String, _ kind: StageFailure.Kind, isFree: Bool = true, _ headers: HTTPHeaders = [:]
        ) -> Case {
            Case(
                status: status, body: #"{"detail":{"status":"\#(code)","message":"It said \#(code)."}}"#, kind: kind,
                isFree: isFree, headers: headers)
        }
    }

    @Test(arguments: [
        Case.detail(400, "max_character_limit_exceeded", .permanent), .detail(401, "invalid_api_key", .permanent),
        .detail(400, "invalid_api_key", .permanent), .detail(400, "voice_not_found", .permanent),
        .detail(401, "voice_not_found", .permanent), .detail(404, "voice_not_found", .permanent),
        .detail(403, "only_for_creator+", .permanent), .detail(409, "conflict", .transient()),
        .detail(429, "system_busy", .transient()),
        .detail(429, "system_busy", .transient(retryAfter: .seconds(7)), ["Retry-After": "7"]),
        .detail(500, "internal_server_error", .transient(), isFree: false),
        .detail(
            503, "unavailable", .transient(retryAfter: .milliseconds(2_500)), isFree: false, ["retry-after-ms": "2500"]),
        Case(
            status: 422, body: #"{"detail":[{"loc":["body","text",0],"msg":"Field required","type":"missing"}]}"#,
            kind: .permanent, isFree: true),
        Case(status: 404, body: #"{"detail":"Not Found"}"#, kind: .permanent, isFree: true),
        Case(status: 502, body: "<html>Bad Gateway</html>", kind: .transient(), isFree: false),
        Case(
            status: 400,
            body: """
                {"detail":{"type":"validation_error","code":"unsupported_model","message":"not yet","param":"model_id"}}
                """, kind: .permanent, isFree: true),
    ])
    func `is told in its words, and classified`(refusal: Case) async throws {
        try await ElevenLabsPeer.with { peer in
            let purse = PurseOfMemory()
            peer.server.fail(
                .reply(.json(refusal.body, status: refusal.status, headers: refusal.headers)),
                where: { $0.method == .POST })
            let failure = try await failure(purse, peer)
            #expect(failure?.kind == refusal.kind && failure?.provider == "elevenlabs" && failure?.shortOf == nil)
            #expect(failure?.answer.hasPrefix("\(refusal.status) ") == true && (failure?.answer.count ?? 0) > 8)
            #expect(purse.now.inDoubt == (refusal.isFree ? 0 : 1) && purse.now.released == (refusal.isFree ? 1 : 0))
            #expect(peer.calls == 1, "it is not for the narrator to try again")
        }
    }

    @Test func `for lack of credit is no fault of the key, and waits until they come back`() async throws {
        var account = ElevenLabsPeer.Account()
        (account.creditsUsed, account.creditLimit) = (990, 1_000)
        account.reset = standing() + 86_400 * 9
        try await ElevenLabsPeer.with(account) { [account] peer in
            let purse = PurseOfMemory()
            let failure = try await failure(purse, peer)
            #expect(failure?.kind == .limited(until: account.reset) && failure?.shortOf == .provider)
            #expect(failure?.answer.contains("quota_exceeded") == true)
            #expect(failure?.answer.contains("990 of 1000 credits are used") == true)
            #expect(purse.now.released == 1 && purse.now.inDoubt == 0)
        }
    }

    @Test func `because too much is under way is asked again after others ended`() async throws {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            peer.server.fail(
                .reply(ElevenLabsPeer.refusal(429, "too_many_concurrent_requests", "Too many concurrent requests.")),
                times: 3, where: { $0.method == .POST })
            _ = try await elevenLabs(peer).speak(Self.storyboard, voice: nil, to: booth.sound, spending: purse)
            #expect(peer.calls == 5 && peer.work.count == 2 && purse.now.inDoubt == 0 && purse.now.released == 0)
        }
    }

    @Test func `for ever is a failure that may go away`() async throws {
        try await ElevenLabsPeer.with { peer in
            let purse = PurseOfMemory()
            peer.server.fail(
                .reply(ElevenLabsPeer.refusal(429, "too_many_concurrent_requests", "Too many concurrent requests.")),
                times: 99, where: { $0.method == .POST })
            let failure = try await failure(purse, peer)
            #expect(failure?.kind == .transient() && purse.now.released == 1 && peer.calls == 6)
        }
    }

    @Test func `never names the key`() async throws {
        try await ElevenLabsPeer.with { peer in
            let failure = try await failure(PurseOfMemory(), peer, key: "sk_wrong_canary_0123456789")
            #expect(failure?.kind == .permanent && failure?.answer.contains("invalid_api_key") == true)
            #expect(failure?.description.contains("canary") == false)
        }
    }

    @Test(arguments: [PeerFault.loseAnswer, .cutAnswer(after: 500), .resetBeforeWork])
    func `nobody knows when the connection breaks: what was answered before is found again`(fault: PeerFault)
        async throws
    {
        try await ElevenLabsPeer.with { peer in
            let (booth, purse) = (try Booth(), PurseOfMemory())
            let narrator = try elevenLabs(peer)
            peer.server.fail(fault, where: { [peer] in $0.method == .POST && peer.work.count == 1 })
            let file = booth.sound
            let failure = await #expect(throws: StageFailure.self) {
                try await narrator.speak(Self.storyboard, voice: nil, to: file, spending: purse)
            }
            #expect(failure?.kind == .transient() && purse.now.inDoubt == 1)
            _ = try await narrator.speak(Self.storyboard, voice: nil, to: file, spending: purse)
            #expect(purse.now.found == 1 && purse.now.costs.count == 2 && peer.calls == 3)
            #expect(peer.work.count <= purse.now.costs.count + purse.now.inDoubt)
        }
    }

    @Test(arguments: [
        #"{"audio_base64":"","alignment":null}"#, #"{"audio_base64":"%%%"}"#, #"{"audio_base64":"QUJD"#, "{}",
    ])
    func `to make sense is not kept`(body: String) async throws {
        try await ElevenLabsPeer.with { peer in
            let purse = PurseOfMemory()
            peer.server.fail(.reply(.json(body)), where: { $0.method == .POST })
            let failure = try await failure(purse, peer)
            #expect(failure?.kind == .transient() && purse.now.kept.isEmpty && purse.now.inDoubt == 1)
        }
    }

    @Test func `without a price or a voice nothing is asked`() async throws {
        try await ElevenLabsPeer.with { peer in
            let purse = PurseOfMemory()
            let missing = try await failure(purse, peer, model: "eleven_v9")
            #expect(missing?.kind == .permanent && missing?.answer.contains("prices.elevenlabs.eleven_v9") == true)
            let booth = try Booth()
            let (narrator, file) = (try elevenLabs(peer), booth.sound)
            let german = Storyboard.spoken([(.body, "Das Licht brennt.")], language: "de")
            let mute = await #expect(throws: StageFailure.self) {
                try await narrator.speak(german, voice: nil, to: file, spending: purse)
            }
            #expect(mute?.kind == .permanent && mute?.answer.contains("“de”") == true)
            #expect(peer.calls == 0 && purse.now.requests.isEmpty)
        }
    }
}

@Suite struct `Calls under way with one key` {
    @Test func `are never more than the answers allow`() async throws {
        var account = ElevenLabsPeer.Account()
        account.atOnce = 2
        try await ElevenLabsPeer.with(account) { peer in
            let narrator = try elevenLabs(peer, atOnce: 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask {
                        let booth = try Booth()
                        let storyboard = Storyboard.spoken([(.body, "This is the narration number \(index).")])
                        _ = try await narrator.speak(
                            storyboard, voice: nil, to: booth.sound, spending: PurseOfMemory())
                    }
                }
                try await group.waitForAll()
            }
            #expect(peer.mostUnderWay == 2 && peer.work.count == 6 && peer.calls == 6)
        }
    }

    @Test func `leave room to what other processes have`() async throws {
        let slots = CallSlots(limit: 5)
        try await slots.take()
        await slots.learn(maximum: 5, current: 4)  // three are not ours
        try await slots.take()
        let third = Task { try await slots.take() }
        let fourth = Task { try await slots.take() }
        fourth.cancel()
        await #expect(throws: CancellationError.self) { try await fourth.value }
        await slots.giveBack()
        try await third.value
    }
}
