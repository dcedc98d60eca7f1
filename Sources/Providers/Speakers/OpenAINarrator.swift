package import FoundationEssentials
package import HTTP
import Media
import NIOHTTP1
package import Production
import ProviderCalling
import Speech

/// Speaks with OpenAI's speech endpoint, or a server that has the same. It tells no times: the words are found in the sound
/// by the offline voice.
package struct OpenAINarrator: Narrator {
    package static let name: ProviderName = "openai"
    package var provider: ProviderName { Self.name }

    private let settings: OpenAISpeechSettings
    private let prices: PriceList
    private let line: ProviderLine
    private let words: WordsInSound
    private let ids: @Sendable () -> UUID
    private let now: @Sendable () -> Date

    package init(
        _ settings: OpenAISpeechSettings, prices: PriceList, caller: HTTPCaller,
        ids: @escaping @Sendable () -> UUID = { UUID() }, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.settings, self.prices, self.ids, self.now) = (settings, prices, ids, now)
        line = ProviderLine(to: Self.name, by: caller, secrets: settings.key.map { [$0] } ?? [], now: now)
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
        let passages = Passages(storyboard, longest: settings.longest, hasContext: false).all
        let recital = try Recital(of: storyboard, passages, line: line)
        return try await recital.record(to: file, voice: voice) { passage in
            // First, because without it what is paid for would be of no use.
            let reference = try await words.reference(for: passage, language: storyboard.language)
            let asked = "speak “\(passage.text.prefix(60))…” with the voice \(voice)"
            let bytes = try await answer(passage, voice: voice, asked: asked, spending)
            let sound: Sound
            do { sound = try await settings.format.sound(of: bytes, beside: file) } catch let error as MediaError {
                throw line.failure(.permanent, asked: asked, answer: "its sound can't be read: \(error)")
            }
            return try await words.spoken(passage, as: reference, in: sound)
        }
    }

    static let item = "characters"

    private func answer(
        _ passage: Passage, voice: String, asked: String, _ spending: any Spending
    ) async throws -> [UInt8] {
        let request = try OpenAISpeechRequest(passage, voice: voice, settings)
        let price = settings.isPaid ? try prices.price(of: Self.item, for: settings.model, at: Self.name) : nil
        let quantity = Int64(passage.characters)
        guard let most = price.map({ $0.amount(for: quantity) }) ?? .zero else {
            throw line.failure(.permanent, asked: asked, answer: "it would cost more than there is money")
        }
        let paid = PaidRequest(
            provider: Self.name, model: settings.model, body: request.body, item: Self.item, upperBound: most,
            timeLimit: OpenAISpeechRequest.timeLimit)
        return try await spending.answer(to: paid) { _ in
            let reply = try await line.sendPaid(request.call, asked: asked)
            guard reply.isSuccess else {
                let trouble = OpenAITrouble(reply, now: now())
                let failure = trouble.failure(line, asked: asked, now: now())
                throw trouble.isFree ? NotBilled(failure) : failure as any Error
            }
            let kind = reply.headers.first(name: "content-type")?.lowercased() ?? ""
            // Some servers say with 200 that they could not. It must not be kept: the next try would find it again.
            guard !reply.body.isEmpty, !kind.contains("json"), !kind.contains("html") else {
                throw line.failure(
                    .transient(), asked: asked, answer: "no sound came, but \(kind): \(reply.excerpt())")
            }
            let cost = price.flatMap {
                CostEntry(
                    id: ids(), provider: Self.name, item: Self.item, quantity: quantity, unit: "characters", price: $0)
            }
            return PaidAnswer(body: reply.body, costs: cost.map { [$0] } ?? [])
        }
    }
}
