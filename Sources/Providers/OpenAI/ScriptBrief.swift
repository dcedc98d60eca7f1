import OfflineScript
import Production

/// Everything that one script is written from: channel, source and measure, ready to be put into words for a model and to check
/// its draft against.
struct ScriptBrief: Sendable {
    let channel: Channel
    let story: SourceStory
    let past: [PastScript]
    let measure: ScriptMeasure
    /// Free of sentences that speak to models, cut at a sentence to the server's limit.
    let text: String
    /// How many sentences were left out because they speak to models.
    let leftOut: Int
    /// Whether the text is in the channel's language, so that its very words can be looked for.
    let sameLanguage: Bool
    /// Stands around the text; made from it, so that the text can't contain it.
    let fence: String

    /// Nil if nothing is left to tell.
    init?(_ story: SourceStory, for candidate: ScriptCandidate, limit: Int) {
        (self.story, channel, past) = (story, candidate.channel, candidate.past)
        var (lines, count, leftOut, isFull): ([String], Int, Int, Bool) = ([], 0, 0, false)
        for paragraph in story.paragraphs where !isFull {
            var kept: [String] = []
            for sentence in paragraph.sentences {
                if Injection.speaksToModels(sentence) {
                    leftOut += 1
                    continue
                }
                guard count + sentence.count <= limit else {
                    isFull = true
                    break
                }
                kept.append(sentence)
                count += sentence.count
            }
            guard !kept.isEmpty else { continue }
            if let heading = paragraph.heading, !Injection.speaksToModels(heading) {
                lines.append("## \(heading.prefix(200))")
            }
            lines.append(kept.joined(separator: " "))
        }
        guard !lines.isEmpty else { return nil }
        text = lines.joined(separator: "\n")
        self.leftOut = leftOut
        let language = channel.language
        let unit = ScriptMeasure.unit(for: language)
        measure = ScriptMeasure(
            seconds: channel.length, language: language,
            sourceAmount: ScriptMeasure.amount(of: lines.filter { !$0.hasPrefix("## ") }.joined(separator: "\n"), unit),
            beside: [story.attribution, channel.brief.greeting, channel.brief.farewell].compactMap(\.self).reduce(0) {
                $0 + ScriptMeasure.amount(of: $1, unit)
            })
        let guess = SpokenLanguage.guess(text)
        sameLanguage = guess == nil || guess == SpokenLanguage.base(language)
        fence = "SOURCE-" + String(UInt64(bitPattern: StableHash.of(text)), radix: 16)
    }

    /// The item's title, unless it speaks to models.
    var title: String { Injection.speaksToModels(story.title) ? "" : String(story.title.prefix(300)) }
}
