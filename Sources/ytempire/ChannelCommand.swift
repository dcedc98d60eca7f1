import ArgumentParser
import Feeds
import Fleet
import Foundation
import Ledger
import Production
import Studio

struct ChannelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel", abstract: "A user's channels: where stories come from, how videos look and sound.",
        discussion: """
            A channel is named by its name, in any case, or by its slug, the name of its folder.

            Examples:
              ytempire channel show anna news
              ytempire channel edit anna news --source /srv/feeds/news.xml --reason "the feed has moved"
              ytempire channel edit anna news --logo /srv/anna/logo.png --intro /srv/anna/intro.mp4 --music calm
            """,
        subcommands: [Add.self, List.self, Show.self, Edit.self, Pause.self, Resume.self, Remove.self])

    struct Shown: Encodable {
        var id: Int64
        var name: String
        var slug: String
        var source: String
        var language: String
        var voice: String?
        var orientation: Channel.Orientation
        var palette: Palette
        var look: Channel.Look
        var brief: Channel.Brief
        var whenShort: Channel.ShortOfMoney
        var publishing: Channel.Publishing
        var length: Int
        var dailyAt: String
        var review: Bool
        var state: Channel.State
        var lastServed: Date?
        /// Where the source was looked at.
        var sourceCheck: SourceCheck?
        /// Files of the look that were looked at.
        var lookChecks: [LookCheck]?

        init(_ channel: Channel, _ check: SourceCheck? = nil, _ checks: [LookCheck] = []) {
            (sourceCheck, look) = (check, channel.look)
            lookChecks = checks.isEmpty ? nil : checks
            (brief, whenShort, publishing) = (channel.brief, channel.whenShort, channel.publishing)
            (id, name, slug, source) = (channel.id.rawValue, channel.name, channel.slug, channel.source)
            (language, voice, orientation) = (channel.language, channel.voice, channel.orientation)
            (palette, length, dailyAt) = (channel.palette, channel.length, channel.dailyAt.description)
            (review, state, lastServed) = (channel.review, channel.state, channel.lastServed)
        }
    }

    /// What may be chosen of a channel; whatever is not given stays, or takes its default.
    struct Choices: ParsableArguments {
        @Option(
            help: "URL or path of a feed (RSS, Atom), a Markdown or a plain text file, or a folder of Markdown files.")
        var source: String?
        @Option(help: ArgumentHelp("BCP 47 language of source and voice.", valueName: "tag"))
        var language: String?
        @Option(
            help: """
                The voice: elevenlabs:VOICE-ID, openai:NAME, command:NAME, offline:NAME, or a provider alone. "any", the \
                default, is the first provider's choice for the language.
                """)
        var voice: String?
        @Option(help: "landscape (16:9), portrait (9:16) or square (1:1).")
        var orientation: Channel.Orientation?
        @Option(help: "The colours: \(Palette.allCases.map(\.rawValue).joined(separator: ", ")).")
        var palette: Palette?
        @Option(help: "How long a video should be, in seconds, 15 to 600.")
        var length: Int?
        @Option(help: ArgumentHelp("From when the day's video is due, in the user's zone.", valueName: "HH:MM"))
        var dailyAt: TimeOfDay?
        @Flag(inversion: .prefixedNo, help: "Hold each video until a person approves it.")
        var review: Bool?

        func validate() throws {
            if let length, !Channel.lengths.contains(length) {
                throw ValidationError(
                    "--length is \(Channel.lengths.lowerBound) to \(Channel.lengths.upperBound) seconds.")
            }
            if let language, language.wholeMatch(of: /[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*/) == nil {
                throw ValidationError("--language is a BCP 47 tag, such as en, en-GB or de; not \"\(language)\".")
            }
            if let voice, voice != Self.anyVoice {
                do { _ = try VoiceName(parsing: voice) } catch { throw ValidationError("--voice: \(error).") }
            }
            if let source, source.allSatisfy(\.isWhitespace) {
                throw ValidationError("--source must not be empty: a channel lives from its source.")
            }
        }

        var isEmpty: Bool {
            source == nil && language == nil && voice == nil && orientation == nil && palette == nil && length == nil
                && dailyAt == nil && review == nil
        }

        private static let anyVoice = "any"

        /// The channel's voice after these choices; nil lets the providers choose.
        func voice(instead old: String?) -> String? {
            guard let voice else { return old }
            return voice == Self.anyVoice ? nil : voice
        }

        /// A path becomes an absolute one: workers run elsewhere.
        var absoluteSource: String? {
            source.map { $0.contains("://") ? $0 : URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) }
        }
    }

    struct Add: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Add a channel to a user.")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name, as viewers see it.") var name: String
        @OptionGroup var choices: Choices
        @OptionGroup(title: "How its videos look and sound") var look: LookChoices
        @OptionGroup(title: "How it is written for and published") var publishing: PublishingChoices
        @Flag(help: "Succeed without a change if there is such a channel.") var ifMissing = false
        @OptionGroup var options: CommandOptions

        func validate() throws {
            try validateName(name)
            guard choices.source != nil else {
                throw ValidationError("A channel needs a source: --source URL-OR-PATH of a feed, Markdown or text.")
            }
        }

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let look = self.look.applied(to: .standard)
            let draft = ChannelDraft(
                name: name, source: choices.absoluteSource ?? "", language: choices.language ?? "en",
                voice: choices.voice(instead: nil), orientation: choices.orientation ?? .landscape,
                palette: choices.palette ?? .ocean, look: look, brief: publishing.applied(to: .none),
                whenShort: publishing.whenShort ?? .hold, publishing: try publishing.applied(to: .standard),
                length: choices.length ?? Channel.defaultLength,
                dailyAt: choices.dailyAt ?? .morning, review: choices.review ?? false)
            do {
                let channel = try await services.ledger.addChannel(draft, for: user)
                try await services.ledger.keep(
                    Operator.current().note(
                        "channel add", "\(user.name) '\(name)' --source \(FeedError.shown(draft.source))", reason: ""))
                let check = await SourceCheck(of: draft.source, by: services.configuration)
                let checks = await ChannelCommand.checks(of: self.look.files(of: look))
                let goal = try await goal(of: channel, user, with: services)
                try show(Shown(channel, check, checks)) {
                    let lines =
                        wrapped("source: \(check.text)", indent: 4, first: "  ")
                        + checks.flatMap { wrapped($0.text, indent: 4, first: "  ") }
                    return "Added \($0.name) for \(user.name); \(goal).\n"
                        + lines.joined(separator: "\n") + "\n"
                }
            } catch let error as LedgerError where error.code == .alreadyThere && ifMissing {
                let channel = try await services.ledger.channel(named: name, of: user)
                try show(Shown(channel)) { "\(user.name) has \($0.name) already.\n" }
            }
        }

        /// Where a new channel's videos go, or what is still to be done for that.
        private func goal(of channel: Channel, _ user: User, with services: FleetServices) async throws -> String {
            guard services.configuration.publishTo == .youTube else { return "its videos go to \(channel.slug)/" }
            let accounts = try await services.ledger.accounts()
            let name = accounts.count == 1 ? accounts[0].name : "ACCOUNT"
            let words =
                accounts.isEmpty
                ? "connect NAME --user \(user.name) --channel '\(channel.name)'"
                : "assign \(name) \(user.name) '\(channel.name)'"
            return "no account publishes for it yet: `ytempire account \(words)`"
        }
    }

    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Show a user's channels, next one first.")

        @Argument(help: "The user's name. Default: all users.") var user: String?
        @OptionGroup var options: CommandOptions

        private struct Listed: Encodable {
            var user: String
            var channels: [Shown]
        }

        func run(with services: FleetServices) async throws {
            let users =
                if let user { [try await services.ledger.user(named: user)] } else { try await services.ledger.users() }
            var listed: [Listed] = []
            for user in users {
                let channels = try await services.ledger.channels(of: user.id)
                let order = ChannelRotation(channels).order + channels.filter { $0.state != .active }
                listed.append(Listed(user: user.name, channels: order.map { Shown($0) }))
            }
            try show(listed) { listed in
                var table = Table(
                    Column("USER", .clipped), Column("CHANNEL", .clipped), Column("LANGUAGE", .dropped),
                    Column("SHAPE", .dropped), Column("LENGTH", .dropped), "DAILY AT", "STATE",
                    Column("SOURCE", .clippedInMiddle),
                    empty: "There are no channels yet. `ytempire channel add USER NAME --source …` adds one.")
                for entry in listed {
                    for channel in entry.channels {
                        table.add(
                            entry.user, channel.name, channel.language, channel.orientation.rawValue,
                            "\(channel.length) s", channel.dailyAt,
                            channel.review ? "\(channel.state.rawValue), review" : channel.state.rawValue,
                            FeedError.shown(channel.source))
                    }
                }
                return table.text
            }
        }
    }

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell all of a channel, and look whether its source can be read.")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let channel = try await services.ledger.channel(named: channel, of: user)
            let check = await SourceCheck(of: channel.source, by: services.configuration)
            try show(Shown(channel, check)) { shown in
                var lines = ["\(shown.name) of \(user.name), \(shown.state.rawValue)"]
                for (word, text) in shown.words {
                    lines.append("  " + word.padding(toLength: 18, withPad: " ", startingAt: 0) + text)
                }
                lines += wrapped(check.text, indent: 20)
                return lines.joined(separator: "\n") + "\n"
            }
        }
    }

    struct Edit: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a channel.",
            discussion: """
                What changes is shown, before → after. A new source, and a new file of the look, is looked at from this \
                host; what is wrong with it is told and does not refuse it, since the workers may see more.
                """)

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @Option(help: "A new name. Published folders keep theirs.") var name: String?
        @OptionGroup var choices: Choices
        @OptionGroup(title: "How its videos look and sound") var look: LookChoices
        @OptionGroup(title: "How it is written for and published") var publishing: PublishingChoices
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func validate() throws {
            if let name { try validateName(name) }
            guard name != nil || !choices.isEmpty || !look.isEmpty || !publishing.isEmpty else {
                throw ValidationError("Say what to change, such as --source or --daily-at.")
            }
        }

        func run(with services: FleetServices) async throws {
            let user = try await services.ledger.user(named: user)
            let old = try await services.ledger.channel(named: channel, of: user)
            let draft = ChannelDraft(
                name: name ?? old.name, source: choices.absoluteSource ?? old.source,
                language: choices.language ?? old.language, voice: choices.voice(instead: old.voice),
                orientation: choices.orientation ?? old.orientation, palette: choices.palette ?? old.palette,
                look: look.applied(to: old.look), brief: publishing.applied(to: old.brief),
                whenShort: publishing.whenShort ?? old.whenShort,
                publishing: try publishing.applied(to: old.publishing), length: choices.length ?? old.length,
                dailyAt: choices.dailyAt ?? old.dailyAt, review: choices.review ?? old.review)
            let new = try await services.ledger.editChannel(old.id, to: draft)
            let changes = zip(Shown(old).words, Shown(new).words).filter { $0 != $1 }
                .map { (word: $0.0, old: $0.1, new: $1.1) }
            if !changes.isEmpty {
                let subject = changes.map { "\($0.word) \($0.new)" }.joined(separator: ", ")
                try await services.ledger.keep(
                    Operator.current().note("channel edit", "\(user.name) '\(old.name)': \(subject)", reason: reason))
            }
            let check: SourceCheck? =
                choices.source == nil ? nil : await SourceCheck(of: new.source, by: services.configuration)
            let checks = await ChannelCommand.checks(of: look.files(of: new.look))
            try show(Shown(new, check, checks)) { shown in
                guard !changes.isEmpty || check != nil || !checks.isEmpty else {
                    return "\(shown.name) is so already.\n"
                }
                var lines = [changes.isEmpty ? "\(shown.name) is so already." : "Changed \(shown.name):"]
                lines += changes.flatMap { wrapped("\($0.word): \($0.old) → \($0.new)", indent: 4, first: "  ") }
                if let check { lines += wrapped(check.text, indent: 4) }
                lines += checks.flatMap { wrapped($0.text, indent: 4, first: "  ") }
                return lines.joined(separator: "\n") + "\n"
            }
        }
    }

    private static func checks(of files: [LookFile]) async -> [LookCheck] {
        var checks: [LookCheck] = []
        for file in files { checks.append(await LookCheck(of: file)) }
        return checks
    }

    /// The three commands that only move a channel's state.
    private static func move(
        _ channel: String, of user: String, to state: Channel.State, _ word: String, _ reason: String,
        with services: FleetServices
    ) async throws -> Shown {
        let user = try await services.ledger.user(named: user)
        let channel = try await services.ledger.channel(named: channel, of: user)
        let moved = try await services.ledger.setState(of: channel.id, to: state)
        try await services.ledger.keep(
            Operator.current().note("channel \(word)", "\(user.name) '\(channel.name)'", reason: reason))
        return Shown(moved)
    }

    struct Pause: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop making videos for a channel; its unfinished jobs wait.")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            try show(await ChannelCommand.move(channel, of: user, to: .paused, "pause", reason, with: services)) {
                "\($0.name) is paused.\n"
            }
        }
    }

    struct Resume: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "Go on with a paused channel.")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            let shown = try await ChannelCommand.move(channel, of: user, to: .active, "resume", reason, with: services)
            // Without Redis it is only later: the workers reconcile.
            _ = try? await services.reconciler.reconcile(quiet: .zero)
            try show(shown) { "\($0.name) is active.\n" }
        }
    }

    struct Remove: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a channel. Its history and its published videos stay.")

        @Argument(help: "The user's name.") var user: String
        @Argument(help: "The channel's name or slug.") var channel: String
        @Option(help: ArgumentHelp("Why; kept in the audit.", valueName: "text")) var reason = ""
        @OptionGroup var options: CommandOptions

        func run(with services: FleetServices) async throws {
            try show(await ChannelCommand.move(channel, of: user, to: .removed, "remove", reason, with: services)) {
                _ in
                "\(channel) is removed.\n"
            }
        }
    }
}

extension ChannelCommand.Shown {
    /// What a person has chosen, in words.
    fileprivate var words: [(String, String)] {
        [
            ("name", name), ("folder", "\(slug)/"), ("source", FeedError.shown(source)), ("language", language),
            ("voice", voice ?? "the provider's choice"), ("orientation", orientation.rawValue),
            ("palette", palette.rawValue), ("length", "\(length) s"), ("daily-at", dailyAt),
            ("review", review ? "before each video is published" : "no"),
        ] + look.words + brief.words + [("when-short", whenShort.rawValue)] + publishing.words
    }
}

extension Channel.Orientation: ExpressibleByArgument {}
extension Palette: ExpressibleByArgument {}
extension TimeOfDay: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    /// Eight in the morning: a video is there when its viewers get up.
    static let morning = TimeOfDay(hour: 8, minute: 0) ?? .midnight
}
