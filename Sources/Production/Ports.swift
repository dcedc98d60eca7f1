package import FoundationEssentials

/// Writes a job's storyboard. The offline one extracts it from the channel's source.
package protocol Scriptwriter: Sendable {
    var provider: ProviderName { get }

    /// Tries the channels in the given order and writes a storyboard from one item that is new there; when nothing is
    /// new anywhere, from the oldest item not used, in the same order; otherwise answers `.nothingNew`.
    ///
    /// A channel whose source can't be read is an error only when no other channel gives a storyboard.
    ///
    /// - Throws: `StageFailure` where the cause is understood.
    func write(for channels: [ScriptCandidate], spending: any Spending) async throws -> WrittenScript
}

/// A script stage's work: what came of it, who did it, and what an attempt's notes should tell.
package struct WrittenScript: Sendable, Equatable {
    package let answer: ScriptAnswer
    package let provider: ProviderName
    package let notes: [String: String]

    package init(_ answer: ScriptAnswer, provider: ProviderName, notes: [String: String] = [:]) {
        (self.answer, self.provider, self.notes) = (answer, provider, notes)
    }
}

/// A channel that the job may be written for, and what it must not use again.
package struct ScriptCandidate: Sendable {
    package let channel: Channel
    /// Keys of the source items used before (`Storyboard.Source.key`).
    package let usedItems: Set<String>
    /// When the newest used item was used; nil if none was. An item dated later is new; so is any undated unused one.
    package let lastUsed: Date?
    /// The channel's latest scripts, the newest first; at most 60.
    package let past: [PastScript]

    package init(channel: Channel, usedItems: Set<String>, lastUsed: Date?, past: [PastScript] = []) {
        (self.channel, self.usedItems, self.lastUsed, self.past) = (channel, usedItems, lastUsed, past)
    }
}

package enum ScriptAnswer: Sendable, Equatable {
    case written(Storyboard, for: Channel.ID)
    case nothingNew
}

/// Speaks a storyboard.
package protocol Narrator: Sendable {
    var provider: ProviderName { get }

    /// Writes the narration as a 48 kHz mono 16-bit WAV file to `file` and answers when each word is heard.
    ///
    /// - Parameter voice: the channel's, as some provider knows it; nil lets the narrator choose for the language.
    /// - Throws: `StageFailure` where the cause is understood.
    func speak(
        _ storyboard: Storyboard, voice: String?, to file: URL, spending: any Spending
    ) async throws -> SpokenStory
}

/// A voice stage's work: when each word is heard, who spoke, and what an attempt's notes should tell, such as the voices
/// that were tried before.
package struct SpokenStory: Sendable, Equatable {
    package let narration: Narration
    package let provider: ProviderName
    package let notes: [String: String]

    package init(_ narration: Narration, provider: ProviderName, notes: [String: String] = [:]) {
        (self.narration, self.provider, self.notes) = (narration, provider, notes)
    }
}

/// Finds or makes a picture for a scene.
package protocol Illustrator: Sendable {
    var provider: ProviderName { get }

    /// Writes a picture of at least the given size in pixels to `file` (PNG). The same brief, palette and seed give the
    /// same picture.
    func illustrate(
        _ brief: PictureBrief, palette: Palette, width: Int, height: Int, seed: UInt64, to file: URL
    ) async throws(StageFailure)
}

/// Publishes a finished video. Publishing the same publication again changes nothing.
package protocol Publisher: Sendable {
    var provider: ProviderName { get }

    /// What it does once the last byte is out: a publication is complete when its log says that all of them are finished.
    var steps: Set<PublicationStep> { get }

    /// Answers where the marker was published before, or nil.
    ///
    /// - Parameter log: tells which account may have published it.
    func lookUp(marker: String, channel: Channel, log: any PublicationLog) async throws -> PublishedVideo?

    /// Goes on where `log` says that an earlier attempt stopped.
    func publish(_ publication: Publication, log: any PublicationLog) async throws -> PublishedVideo
}

/// Everything a publisher needs to know of one video.
package struct Publication: Sendable {
    /// Unique to the job; found again in what is published.
    package let marker: String
    package let job: Job.ID
    package let channel: Channel
    package let userName: String
    /// `YYYY-MM-DD`
    package let productionDay: String
    /// When the publication was first attempted: the same at every try.
    package let publishedAt: Date
    /// When a private video becomes public: the next time that it is so late of day for the user; nil for never.
    package let publishAt: Date?
    package let storyboard: Storyboard
    /// Seconds
    package let duration: Double
    package let width: Int
    package let height: Int
    package let video: URL
    package let thumbnail: URL
    package let captions: URL
    /// Places to jump to.
    package let chapters: [VideoManifest.Chapter]
    /// Lines that name those whose work is shown.
    package let credits: [String]
    /// What else there is of it, by the endings under which it may stand beside the video: `.vtt`, `-vertical.jpg`.
    package let further: [String: URL]

    package init(
        marker: String, job: Job.ID, channel: Channel, userName: String, productionDay: String, publishedAt: Date,
        storyboard: Storyboard, duration: Double, width: Int, height: Int, video: URL, thumbnail: URL, captions: URL,
        chapters: [VideoManifest.Chapter] = [], credits: [String] = [], further: [String: URL] = [:],
        publishAt: Date? = nil
    ) {
        self.publishAt = publishAt
        (self.marker, self.job, self.channel, self.userName) = (marker, job, channel, userName)
        (self.productionDay, self.publishedAt, self.storyboard) = (productionDay, publishedAt, storyboard)
        (self.duration, self.width, self.height) = (duration, width, height)
        (self.video, self.thumbnail, self.captions) = (video, thumbnail, captions)
        (self.chapters, self.credits, self.further) = (chapters, credits, further)
    }

    /// The storyboard's, then the chapters, one a line as YouTube reads them, then the credits. Where that is too long, or YouTube
    /// would show none, the chapters are left out; where it still is, the storyboard's own words are cut short: who made what is
    /// shown is always named.
    package var description: String {
        let chapters = chapters.lines(duration: duration)
        let whole = Self.text([storyboard.description], chapters, credits)
        if whole.count <= Storyboard.descriptionLimit { return whole }
        let short = Self.text([storyboard.description], credits)
        if short.count <= Storyboard.descriptionLimit { return short }
        let credits = Self.text(credits)
        let room = Storyboard.descriptionLimit - credits.count - 3
        guard room > 0 else { return String(credits.prefix(Storyboard.descriptionLimit)) }
        return Self.text(["\(storyboard.description.prefix(room))…"], [credits])
    }

    private static func text(_ paragraphs: [String]...) -> String {
        paragraphs.filter { !$0.joined().isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }
}

/// Where a video can be watched.
package struct PublishedVideo: Sendable, Equatable, Codable {
    /// The publisher's own name for it: YouTube's video id, or the offline publisher's file name.
    package let remoteID: String
    /// A URL or an absolute path.
    package let location: String

    package init(remoteID: String, location: String) { (self.remoteID, self.location) = (remoteID, location) }
}

/// Keeps artifacts: immutable files named by their SHA-256.
package protocol ArtifactStore: Sendable {
    /// Where answers of providers are kept: the same store, so that whoever reaches the artifacts finds them too.
    var responses: any ResponseStore { get }

    /// Takes the file's bytes into the store for good and answers their name. Keeping the same bytes twice is one
    /// artifact. The file itself may be moved away.
    func keep(_ file: URL) async throws -> Artifact

    /// A local file with the artifact's bytes, checked against its name; never to be changed.
    ///
    /// - Throws: `ArtifactFault` if there is none, or its bytes are not those it is named by.
    func file(of artifact: Artifact.ID) async throws -> URL
}
