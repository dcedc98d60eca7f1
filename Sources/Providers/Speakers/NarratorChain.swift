package import FoundationEssentials
package import Production

/// Voices in the order in which they are asked. Another speaks where one can't: its key or its voice is no good, its credit
/// is used up, or the channel rather takes a cheaper voice than to wait for money. Whoever speaks, speaks the whole
/// narration; what was paid for before stays kept, and is found should that voice be asked the same again.
///
/// What may go away by itself is left to the fleet's retries, twice: at the third failure of that kind another voice is
/// better than a job that dies within minutes of an outage.
package struct NarratorChain: Narrator {
    private let narrators: [any Narrator]
    private let whenShort: Channel.ShortOfMoney
    private let failures: Int
    private let now: @Sendable () -> Date

    /// Failures that may go away, this one among them, from which on another voice is asked.
    private static let patience = 3
    /// What a provider takes no longer for is waited for, seconds: a rate opens, tomorrow comes. Another voice for a month's
    /// credit is asked at once.
    private static let longestWait: TimeInterval = 36 * 3_600

    /// - Parameters:
    ///   - narrators: at least one, the one asked first in front.
    ///   - whenShort: the channel's policy.
    ///   - failures: earlier attempts at this narration that failed in a way that might have gone away.
    package init(
        _ narrators: [any Narrator], whenShort: Channel.ShortOfMoney = .hold, failures: Int = 0,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.narrators, self.whenShort, self.failures, self.now) = (narrators, whenShort, failures, now)
    }

    /// The same voices for the attempt at hand.
    package func following(_ policy: Channel.ShortOfMoney, failures: Int) -> NarratorChain {
        NarratorChain(narrators, whenShort: policy, failures: failures, now: now)
    }

    /// Whoever is asked first.
    package var provider: ProviderName { narrators.first?.provider ?? .own }

    /// - Parameter voice: as `VoiceName` reads it. It is the first to be asked, and none in front of it is; those behind it
    ///   speak with their own voice for the language. One that nobody here has leaves the choice to all.
    package func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory {
        var (order, wanted, notes) = choice(of: voice)
        var passedOver: [StageFailure] = []
        while let narrator = order.first {
            do {
                let story = try await narrator.speak(storyboard, voice: wanted, to: file, spending: spending)
                if !passedOver.isEmpty {
                    notes["passed_over"] = passedOver.map { "\($0.provider): \($0.answer)" }.joined(separator: "; ")
                }
                return SpokenStory(
                    story.narration, provider: story.provider, notes: story.notes.merging(notes) { own, _ in own })
            } catch let failure as StageFailure {
                try Task.checkCancellation()
                guard isPassedOver(failure) else { throw whenShort.verdict(on: failure) }
                passedOver.append(failure)
                order.removeFirst()
                wanted = nil
            }
        }
        throw whenShort.verdict(on: summary(of: passedOver, storyboard))
    }

    private func choice(of voice: String?) -> (order: ArraySlice<any Narrator>, name: String?, notes: [String: String])
    {
        guard let voice else { return (narrators[...], nil, [:]) }
        let name: VoiceName
        do { name = try VoiceName(parsing: voice) } catch { return (narrators[...], nil, ["voice_asked": "\(error)"]) }
        guard let first = narrators.firstIndex(where: { $0.provider == name.provider }) else {
            return (narrators[...], nil, ["voice_asked": "\(name) is not to be had: \(name.provider) is not set up"])
        }
        return (narrators[first...], name.name, [:])
    }

    private func isPassedOver(_ failure: StageFailure) -> Bool {
        if let ceiling = failure.shortOf {
            switch whenShort {
            case .cheaper: return true
            case .stop: return false
            case .hold:
                // What is held until tomorrow must open tomorrow. A ceiling of ours does, or is for a person to raise.
                guard ceiling == .provider else { return false }
                guard case .limited(let until) = failure.kind else { return failure.kind == .permanent }
                return until.timeIntervalSince(now()) > Self.longestWait
            }
        }
        switch failure.kind {
        case .permanent: return true
        case .limited(let until): return until.timeIntervalSince(now()) > Self.longestWait
        case .transient: return failures + 1 >= Self.patience
        }
    }

    /// Nobody could: the failure that leaves most hope, with what the others said.
    private func summary(of failures: [StageFailure], _ storyboard: Storyboard) -> StageFailure {
        func hope(_ failure: StageFailure) -> Int {
            switch failure.kind {
            case .limited: 2
            case .transient: 1
            case .permanent: 0
            }
        }
        guard let best = failures.max(by: { hope($0) < hope($1) }) else {
            return StageFailure(
                .permanent, provider: .own, asked: "speak “\(storyboard.title)”", answer: "no voice is set up")
        }
        let others = failures.filter { $0 != best }.map(\.description)
        return StageFailure(
            best.kind, provider: best.provider, asked: best.asked,
            answer: ([best.answer] + others).joined(separator: "; also "), shortOf: best.shortOf)
    }
}
