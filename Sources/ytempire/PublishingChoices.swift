import ArgumentParser
import Foundation
import Production

/// What may be chosen of how a channel is written for and published; whatever is not given stays.
struct PublishingChoices: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the channel is about, for whom, in which tone: told to the model that writes. Empty takes it away.",
            valueName: "text"))
    var brief: String?
    @Option(
        help: ArgumentHelp(
            "A word or phrase that must not be said; several times for several; none takes all away.",
            valueName: "words"))
    var forbid: [String] = []
    @Option(
        help: ArgumentHelp(
            "What every video says first, word for word: a paid voice says it once. Empty takes it away.",
            valueName: "text"))
    var greeting: String?
    @Option(
        help: ArgumentHelp("The same for what every video says last. Empty takes it away.", valueName: "text"))
    var farewell: String?
    @Option(
        help: "When there is no money: cheaper (the next model or voice), hold (until tomorrow) or stop (end dead).")
    var whenShort: Channel.ShortOfMoney?
    @Option(help: "Who sees its videos: private, unlisted or public.")
    var privacy: Channel.Publishing.Privacy?
    @Flag(inversion: .prefixedNo, help: "Its videos are made for children.")
    var madeForKids: Bool?
    @Flag(inversion: .prefixedNo, help: "They show realistic scenes that did not happen, or a cloned voice.")
    var syntheticMedia: Bool?
    @Option(help: ArgumentHelp("A YouTube playlist's id; none takes it away.", valueName: "id"))
    var playlist: String?
    @Option(help: ArgumentHelp("YouTube's category, such as 27 for education.", valueName: "number"))
    var category: String?
    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp("Upload the captions too: 400 of the project's 10,000 units a day."))
    var uploadCaptions: Bool?
    @Option(
        help: ArgumentHelp(
            "When a private video becomes public, in the user's zone; none: never.", valueName: "HH:MM"))
    var publishAt: String?
    @Flag(inversion: .prefixedNo, help: "Tell subscribers of each video.")
    var notifySubscribers: Bool?

    var isEmpty: Bool {
        brief == nil && forbid.isEmpty && greeting == nil && farewell == nil && whenShort == nil && privacy == nil
            && madeForKids == nil
            && syntheticMedia == nil && playlist == nil && category == nil && uploadCaptions == nil && publishAt == nil
            && notifySubscribers == nil
    }

    func validate() throws {
        if let category, category.isEmpty || !category.allSatisfy({ $0.isASCII && $0.isNumber }) {
            throw ValidationError("--category is YouTube's number of one, such as 27; not \"\(category)\".")
        }
        if let publishAt, publishAt != "none", TimeOfDay(publishAt) == nil {
            throw ValidationError("--publish-at is a time of day such as 17:30, or none; not \"\(publishAt)\".")
        }
        if let brief, brief.count > 4_000 {
            throw ValidationError("--brief has \(brief.count) characters; at most 4,000 are told to the model.")
        }
        for (option, text) in [("--greeting", greeting), ("--farewell", farewell)] {
            guard let text, !text.isEmpty else { continue }
            guard text.count <= Channel.Brief.phraseLimit, text.contains(where: \.isLetter) else {
                throw ValidationError(
                    "\(option) is a sentence or two to be spoken, at most \(Channel.Brief.phraseLimit) characters.")
            }
        }
    }

    func applied(to old: Channel.Brief) -> Channel.Brief {
        Channel.Brief(
            text: brief ?? old.text, forbidden: forbid.isEmpty ? old.forbidden : forbid.filter { $0 != "none" },
            greeting: phrase(greeting, old.greeting), farewell: phrase(farewell, old.farewell))
    }

    /// On one line and ended, so that it is a sentence by itself wherever it stands.
    private func phrase(_ new: String?, _ old: String?) -> String? {
        guard let new else { return old }
        let line = new.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard let last = line.last else { return nil }
        return ".!?…。！？".contains(last) ? line : line + "."
    }

    /// - Throws: `ValidationError` where what is chosen does not go together.
    func applied(to old: Channel.Publishing) throws -> Channel.Publishing {
        var new = old
        if let privacy { new.privacy = privacy }
        if let madeForKids { new.madeForKids = madeForKids }
        if let syntheticMedia { new.syntheticMedia = syntheticMedia }
        if let playlist { new.playlist = playlist == "none" || playlist.isEmpty ? nil : playlist }
        if let category { new.category = category }
        if let uploadCaptions { new.captions = uploadCaptions }
        if let publishAt { new.publishAt = TimeOfDay(publishAt) }
        if let notifySubscribers { new.notifiesSubscribers = notifySubscribers }
        guard new.publishAt == nil || new.privacy == .private else {
            throw ValidationError(
                "Only a private video can become public at a time: choose --privacy private, or --publish-at none.")
        }
        return new
    }
}

extension Channel.Brief {
    /// In words, one for each choice.
    var words: [(String, String)] {
        [
            ("brief", text.isEmpty ? "none" : text),
            ("forbidden", forbidden.isEmpty ? "nothing" : forbidden.joined(separator: ", ")),
            ("greeting", greeting ?? "none"), ("farewell", farewell ?? "none"),
        ]
    }
}

extension Channel.Publishing {
    /// In words, one for each choice.
    var words: [(String, String)] {
        [
            ("privacy", privacy.rawValue), ("made for kids", madeForKids ? "yes" : "no"),
            ("synthetic media", syntheticMedia ? "yes" : "no"), ("playlist", playlist ?? "none"),
            ("category", category), ("upload captions", captions ? "yes" : "no"),
            ("publish at", publishAt.map { "\($0)" } ?? "never"),
            ("tell subscribers", notifiesSubscribers ? "yes" : "no"),
        ]
    }
}

extension Channel.ShortOfMoney: ExpressibleByArgument {}
extension Channel.Publishing.Privacy: ExpressibleByArgument {}
