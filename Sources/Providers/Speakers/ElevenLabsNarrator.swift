package import FoundationEssentials
package import HTTP
import Media
import NIOHTTP1
package import Production
import ProviderCalling
import Speech

/// Speaks with ElevenLabs, passage after passage, each a call of its own that is paid for once.
package struct ElevenLabsNarrator: Narrator {
    package static let name: ProviderName = "elevenlabs"
    package var provider: ProviderName { Self.name }

    private let settings: ElevenLabsSettings
    private let prices: PriceList
    private let line: ProviderLine
    private let account: ElevenLabsAccount
    private let slots: CallSlots
    private let words: WordsInSound
    private let ids: @Sendable () -> UUID
    private let now: @Sendable () -> Date
    private let sleep: @Sendable (Duration) async throws -> Void

    package init(
        _ settings: ElevenLabsSettings, prices: PriceList, caller: HTTPCaller,
        ids: @escaping @Sendable () -> UUID = { UUID() }, now: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.settings, self.prices) = (settings, prices)
        (self.ids, self.now, self.sleep) = (ids, now, sleep)
        line = ProviderLine(to: Self.name, by: caller, secrets: [settings.key], now: now)
        account = ElevenLabsAccount(settings, line: line, now: now)
        slots = CallSlots(limit: settings.atOnce)
        words = WordsInSound(provider: Self.name)
    }

    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory {
        guard let voice = voice ?? settings.voices.voice(for: storyboard.language) else {
            throw line.failure(
                .permanent, asked: "speak “\(storyboard.title)”",
                answer: "no voice is set for “\(storyboard.language)”; set one, or one for *")
        }
        let price = try prices.price(of: Self.item, for: settings.model, at: Self.name)
        let model = try await account.model(settings.model)
        let longest = min(settings.longest, model?.longest ?? .max)
        let passages = Passages(storyboard, longest: longest, hasContext: settings.tellsContext).all
        let recital = try Recital(of: storyboard, passages, line: line)
        return try await recital.record(to: file, voice: voice) { passage in
            let request = try ElevenLabsRequest(passage, voice: voice, language: storyboard.language, settings)
            let bill = Bill(characters: passage.characters, credits: model?.creditsPerCharacter, price: price)
            let json = try await answer(to: request, bill, asked: asked(passage, voice), spending)
            return try await spoken(json, passage, storyboard.language, beside: file, asked: asked(passage, voice))
        }
    }

    static let item = "characters"

    /// What a passage costs: credits are what ElevenLabs bills, one for a character or a share of one.
    private struct Bill {
        let characters: Int
        /// For a character; nil if not known.
        let credits: Double?
        /// For a credit.
        let price: Price

        /// What is not known is not taken for a discount.
        var most: Int64 { Int64((Double(characters) * max(credits ?? 1, 1)).rounded(.up)) }

        /// - Parameter reply: names what it has billed, after all discounts, in `character-cost`; its documentation speaks of
        ///   `x-character-count`, which is not seen in answers (elevenlabs-js issue 407, June 2026).
        func quantity(_ reply: HTTPReply) -> Int64 {
            if let told = reply.headers.first(name: "character-cost").flatMap({ Double($0) }), told.isFinite,
                told >= 0, told < 1e9
            {
                return Int64(told.rounded(.up))
            }
            let told = reply.headers.first(name: "x-character-count").flatMap { Int($0) } ?? 0
            return Int64((Double(max(told, characters)) * (credits ?? 1)).rounded(.up))
        }
    }

    private func asked(_ passage: Passage, _ voice: String) -> String {
        "speak “\(passage.text.prefix(60))…” with the voice \(voice)"
    }

    private func answer(
        to request: ElevenLabsRequest, _ bill: Bill, asked: String, _ spending: any Spending
    ) async throws -> [UInt8] {
        guard let most = bill.price.amount(for: bill.most) else {
            throw line.failure(.permanent, asked: asked, answer: "it would cost more than there is money")
        }
        let paid = PaidRequest(
            provider: Self.name, model: settings.model, body: request.body, item: Self.item, upperBound: most,
            timeLimit: ElevenLabsRequest.timeLimit)
        return try await spending.answer(to: paid) { _ in
            let reply = try await reply(to: request, asked: asked)
            // Half an answer must not be kept: the next try would find it again.
            do { _ = try ElevenLabsSpeech(json: reply.body) } catch {
                throw line.failure(.transient(), asked: asked, answer: "it can't be read: \(error)")
            }
            let cost = CostEntry(
                id: ids(), provider: Self.name, item: Self.item, quantity: bill.quantity(reply), unit: "characters",
                price: bill.price)
            return PaidAnswer(body: reply.body, costs: cost.map { [$0] } ?? [])
        }
    }

    /// Makes the call in its turn; where ElevenLabs finds that too many are under way, which costs nothing, again after a
    /// while.
    private func reply(to request: ElevenLabsRequest, asked: String) async throws -> HTTPReply {
        for round in 0... {
            do { try await slots.take() } catch { throw NotBilled(interrupted(asked)) }
            let reply: HTTPReply
            do {
                reply = try await line.sendPaid(request.call, asked: asked)
            } catch {
                await slots.giveBack()
                throw error
            }
            if let most = reply.headers.first(name: "maximum-concurrent-requests").flatMap({ Int($0) }) {
                let current = reply.headers.first(name: "current-concurrent-requests").flatMap { Int($0) }
                await slots.learn(maximum: most, current: current)
            }
            let refusal = reply.isSuccess ? nil : ElevenLabsRefusal(reply)
            if refusal?.meaning == .crowded { await slots.wasRefused() }
            await slots.giveBack()
            guard let refusal else { return reply }
            guard refusal.meaning == .crowded, round < Self.rounds else {
                let failure = try await failure(refusal, reply, asked: asked)
                throw refusal.isFree ? NotBilled(failure) : failure as any Error
            }
            let pause = reply.retryAfter(now: now()) ?? .milliseconds(500 << round)
            do { try await sleep(min(pause, .seconds(10))) } catch { throw NotBilled(interrupted(asked)) }
        }
        throw NotBilled(interrupted(asked))
    }

    /// How often a call waits for others to end before its job does.
    private static let rounds = 5

    private func interrupted(_ asked: String) -> StageFailure {
        line.failure(.transient(), asked: asked, answer: "it was stopped before it was sent")
    }

    private func failure(_ refusal: ElevenLabsRefusal, _ reply: HTTPReply, asked: String) async throws -> StageFailure {
        var answer = "\(reply.status) \(refusal.words.isEmpty ? reply.excerpt() : refusal.words)"
        switch refusal.meaning {
        case .crowded, .transient: return line.transient(reply, asked: asked, answer: answer)
        case .permanent: return line.failure(.permanent, asked: asked, answer: answer)
        case .quotaSpent:
            let credits = try? await account.credits()
            // Without a date: somebody may buy more at any time.
            var back = now() + 3_600
            if let credits {
                answer += "; \(credits.used) of \(credits.of) credits are used"
                if let date = credits.back, date > now() { back = date }
            }
            let failure = line.failure(.limited(until: back), asked: asked, answer: answer)
            return StageFailure(
                failure.kind, provider: Self.name, asked: failure.asked, answer: failure.answer, shortOf: .provider)
        }
    }

    private func spoken(
        _ json: [UInt8], _ passage: Passage, _ language: String, beside file: URL, asked: String
    ) async throws -> SpokenPassage {
        let speech: ElevenLabsSpeech
        let sound: Sound
        do {
            speech = try ElevenLabsSpeech(json: json)
            sound = try await settings.format.sound(of: speech.sound, beside: file)
        } catch let error as MediaError {
            throw line.failure(.permanent, asked: asked, answer: "its sound can't be read: \(error)")
        } catch let error as DecodingError {
            throw line.failure(.permanent, asked: asked, answer: "its kept answer can't be read: \(error)")
        }
        guard let spans = speech.times?.spans(of: passage.tokens), spans.contains(where: { $0 != nil }) else {
            // It could not tell.
            return try await words.spoken(
                passage, as: words.reference(for: passage, language: language), in: sound)
        }
        let rate = Double(sound.sampleRate)
        let utterance = Utterance(
            sound: sound,
            told: spans.map { span in
                span.map { Int(min($0.lowerBound, 86_400) * rate)..<Int(min($0.upperBound, 86_400) * rate) }
            })
        guard let spoken = SpokenPassage(utterance, of: passage) else {
            throw line.failure(.permanent, asked: asked, answer: "nothing is heard in its sound")
        }
        return spoken
    }
}
