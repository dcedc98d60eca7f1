import OfflineScript
import Production

/// Checks a draft by code: whatever a model promises, nothing is spoken that was not looked at.
struct DraftReview: Sendable {
    private let brief: ScriptBrief
    private let facts: SourceFacts
    /// Above this a script resembles an earlier one too much.
    private let threshold: Double

    init(_ brief: ScriptBrief, threshold: Double) {
        (self.brief, self.threshold) = (brief, threshold)
        facts = SourceFacts(
            [brief.title, brief.text].joined(separator: "\n"),
            also: brief.story.names + [brief.channel.name, brief.channel.brief.text],
            language: brief.channel.language, sameLanguage: brief.sameLanguage)
    }

    /// Everything that is wrong, the worst first; empty for a draft that may be spoken.
    func findings(in draft: StoryDraft) -> [Finding] {
        scenes(draft) + length(draft) + language(draft) + forbidden(draft) + markup(draft) + sourced(draft)
            + limits(draft) + leaks(draft) + sameness(draft)
    }

    // MARK: Form

    private func scenes(_ draft: StoryDraft) -> [Finding] {
        var found: [Finding] = []
        let allowed = brief.measure.allowedScenes
        if !allowed.contains(draft.scenes.count) {
            found.append(
                Finding(
                    .scenes,
                    "it has \(draft.scenes.count) scenes; \(allowed.lowerBound) to \(allowed.upperBound) are wanted"
                ))
        }
        let kinds = draft.scenes.map(\.kind)
        let right = kinds.indices.map { $0 == 0 ? "opening" : $0 == kinds.count - 1 ? "closing" : "body" }
        if !kinds.isEmpty, kinds != right {
            found.append(
                Finding(.scenes, "the first scene must be the opening, the last the closing, all between them body"))
        }
        for (number, scene) in draft.scenes.enumerated() {
            if !scene.narration.contains(where: \.isLetter) {
                found.append(Finding(.scenes, "scene \(number + 1) says nothing"))
            }
            if !scene.search.contains(where: { $0.contains(where: \.isLetter) }) {
                found.append(Finding(.scenes, "scene \(number + 1) has no search for a picture"))
            }
        }
        return found
    }

    private func length(_ draft: StoryDraft) -> [Finding] {
        let (measure, amount) = (brief.measure, brief.measure.amount(of: draft.spoken))
        guard !measure.allowed.contains(amount) else { return [] }
        return [
            Finding(
                .length,
                "the narrations have \(amount) \(measure.unit.rawValue), \(amount < measure.wanted ? "too few" : "too many"):"
                    + " \(measure.allowed.lowerBound) to \(measure.allowed.upperBound) are wanted, about"
                    + " \(abs(measure.wanted - amount)) \(amount < measure.wanted ? "more" : "less")")
        ]
    }

    private func language(_ draft: StoryDraft) -> [Finding] {
        SpokenLanguage.wrong(draft.spoken, for: brief.channel.language).map {
            [
                Finding(
                    .language,
                    "the narration is not in \(SpokenLanguage.name(brief.channel.language)): \($0)")
            ]
        } ?? []
    }

    private func limits(_ draft: StoryDraft) -> [Finding] {
        var found: [Finding] = []
        if draft.title.utf16.count > Storyboard.titleLimit {
            found.append(Finding(.limits, "the title is longer than \(Storyboard.titleLimit) characters"))
        }
        if !draft.title.contains(where: { $0.isLetter || $0.isNumber }) {
            found.append(Finding(.limits, "there is no title"))
        }
        if draft.description.utf16.count > Self.summaryLimit {
            found.append(Finding(.limits, "the description is longer than \(Self.summaryLimit) characters"))
        }
        if VideoText.tags(draft.tags).isEmpty { found.append(Finding(.limits, "there are no tags")) }
        if draft.tags.reduce(0, { $0 + $1.utf16.count + 3 }) > Storyboard.tagsLimit {
            found.append(Finding(.limits, "the tags are longer than \(Storyboard.tagsLimit) characters together"))
        }
        for scene in draft.scenes where scene.heading.count > 60 || spokenTokens(of: scene.heading).count > 8 {
            found.append(Finding(.limits, "the heading “\(scene.heading.prefix(80))” is longer than six words"))
        }
        return found
    }

    /// Leaves room for the attribution and chapters below it.
    private static let summaryLimit = 1_500

    // MARK: Words

    private struct Part {
        let place: String
        let text: String

        init(_ place: String, _ text: String) { (self.place, self.text) = (place, text) }
    }

    private func parts(_ draft: StoryDraft) -> [Part] {
        var parts = [Part("the title", draft.title), Part("the description", draft.description)]
        for (place, scene) in draft.scenes.enumerated() {
            parts.append(Part("scene \(place + 1)", scene.narration))
            parts.append(Part("the heading of scene \(place + 1)", scene.heading))
        }
        return parts
    }

    private func forbidden(_ draft: StoryDraft) -> [Finding] {
        let searches = draft.scenes.flatMap(\.search).joined(separator: " · ")
        let all =
            parts(draft) + [Part("the tags", draft.tags.joined(separator: " · ")), Part("the searches", searches)]
        return brief.channel.brief.forbidden.flatMap { word in
            all.filter { ForbiddenWords.contains(word, in: $0.text) }.map {
                Finding(.forbidden, "\($0.place) has “\(word)”, which is never used in this channel")
            }
        }
    }

    private func markup(_ draft: StoryDraft) -> [Finding] {
        parts(draft).compactMap { part -> Finding? in
            let (place, text) = (part.place, part.text)
            let plain = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if plain.contains("://") || plain.lowercased().contains("www.")
                || SpokenText.clean(plain).contains("\u{FFFC}")
            {
                return Finding(.markup, "\(place) has a web address")
            }
            if plain.unicodeScalars.contains(where: SpokenText.isSilent) {
                return Finding(.markup, "\(place) has emoji or invisible characters")
            }
            guard let mark = plain.first(where: { "*_#`<>[]{}|~^\\".contains($0) }) else { return nil }
            return Finding(.markup, "\(place) has “\(mark)”, which can't be spoken")
        }
    }

    private func sourced(_ draft: StoryDraft) -> [Finding] {
        // Titles and headings are written with capitals of their own: only their figures are looked at.
        let said = draft.scenes.map(\.narration) + [draft.description]
        let shown = [draft.title] + draft.scenes.map(\.heading)
        let strangers =
            said.flatMap(facts.strangers) + shown.flatMap(facts.strangers).filter { $0.contains(where: \.isNumber) }
        let each = strangers.enumerated().filter { strangers.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        guard !each.isEmpty else { return [] }
        return [
            Finding(
                .facts,
                "the article does not have: \(each.prefix(12).joined(separator: ", ")); leave out what it does not say")
        ]
    }

    /// Signs that the article gave the model orders, or that the model speaks of itself or of its task.
    private func leaks(_ draft: StoryDraft) -> [Finding] {
        let source = (brief.title + "\n" + brief.text).lowercased()
        let sourceRuns = Shingles(of: source).hashes
        return parts(draft).compactMap { part -> Finding? in
            let (place, text) = (part.place, part.text)
            let lower = text.lowercased()
            let tells = Self.tells.contains { lower.contains($0) && !source.contains($0) }
            let repeats = !Self.ruleRuns.isDisjoint(with: Shingles(of: text).hashes.subtracting(sourceRuns))
            guard tells || repeats || lower.contains("source-") || Injection.speaksToModels(text) else { return nil }
            return Finding(.leak, "\(place) speaks of the task or of its writer instead of the story")
        }
    }

    private static let tells = [
        "language model", "as an ai", "ai assistant", "system prompt", "these instructions", "my instructions",
        "i cannot help", "i can't help", "i'm sorry, but", "json",
    ]
    private static let ruleRuns = Shingles(of: ScriptPrompt.rules).hashes

    private func sameness(_ draft: StoryDraft) -> [Finding] {
        let shingles = Shingles(of: draft.spoken)
        let nearest = brief.past.map { ($0.title, $0.shingles.resemblance(to: shingles)) }.max { $0.1 < $1.1 }
        guard let (title, resemblance) = nearest, resemblance >= threshold else { return [] }
        return [
            Finding(
                .sameness,
                "it is too much like the channel's “\(title)”: \(Int((resemblance * 100).rounded())) % is the same; tell it from"
                    + " another side, in other words")
        ]
    }
}
