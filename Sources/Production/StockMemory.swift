package import FoundationEssentials

/// A place in a video where stock may be shown.
package struct StockPlace: Sendable, Hashable, Codable {
    /// From 0.
    package let scene: Int
    /// Within the scene, from 0.
    package let part: Int

    package init(scene: Int, part: Int) { (self.scene, self.part) = (scene, part) }
}

/// That a video shows an item: the row by which it can be said later what is from whom.
package struct StockUse: Sendable, Equatable, Codable {
    package let place: StockPlace
    /// What was wanted there: `StockWish.about`.
    package let about: String
    package let item: StockItem
    /// The file that is shown.
    package let artifact: Artifact.ID
    /// Whether the library, where it wants to know of each use, has been told of this one.
    package var isTold: Bool

    package init(place: StockPlace, about: String, item: StockItem, artifact: Artifact.ID, isTold: Bool) {
        (self.place, self.about, self.item) = (place, about, item)
        (self.artifact, self.isTold) = (artifact, isTold)
    }
}

/// How much a library still answers to one key, as far as is known.
package struct StockRate: Sendable, Equatable {
    /// What the library last said is left of its longest period; nil if it has not said.
    package var remaining: Int?
    /// When that period begins anew.
    package var resetsAt: Date?
    /// Nothing is asked before; nil if nothing stands against it.
    package var closedUntil: Date?

    package init(remaining: Int? = nil, resetsAt: Date? = nil, closedUntil: Date? = nil) {
        (self.remaining, self.resetsAt, self.closedUntil) = (remaining, resetsAt, closedUntil)
    }
}

/// A key of a library, told apart from others without being told.
package struct StockKey: Sendable, Hashable {
    package let provider: ProviderName
    /// The beginning of a digest of the key.
    package let fingerprint: String

    package init(_ provider: ProviderName, fingerprint: String) {
        (self.provider, self.fingerprint) = (provider, fingerprint)
    }
}

/// What all workers know of the stock libraries: what was asked of them and shown from them.
package protocol StockMemory: Sendable {
    // MARK: Answers

    /// An answer of the library to this request, kept within the last `age`; nil if there is none.
    func answer(of provider: ProviderName, to request: String, within age: Duration) async throws -> [UInt8]?

    /// Keeps an answer, in place of an earlier one to the same request.
    func keep(_ answer: [UInt8], of provider: ProviderName, to request: String) async throws

    // MARK: Rates

    /// Counts one call with the key. Nil if it may be made; else when to ask again: nothing was counted then.
    ///
    /// - Parameters:
    ///   - calls: the most within `period`, which is what the library allows and tells nobody in its answers.
    func admit(_ key: StockKey, calls: Int, within period: Duration) async throws -> Date?

    /// What the library's answer says of the key's rate. A `closedUntil` never opens what is closed for longer.
    func note(_ rate: StockRate, of key: StockKey) async throws

    // MARK: Uses

    /// Items that the channel has shown since, in other videos than this job's.
    func shown(on channel: Channel.ID, since: Date, besides job: Job.ID) async throws -> Set<StockItem.Name>

    /// What this job shows already: an earlier attempt has chosen it.
    func uses(of job: Job.ID) async throws -> [StockUse]

    /// Takes an item for a place of a video, in place of what was there. False, and nothing taken, if the channel has shown it
    /// since in another video, or this one shows it at another place: only one of two workers that want the same gets it.
    func take(_ use: StockUse, for job: Job.ID, on channel: Channel.ID, since: Date) async throws -> Bool

    /// The library has been told of the use.
    func told(_ place: StockPlace, of job: Job.ID) async throws

    /// The item turned out to be no good: the place is empty again.
    func drop(_ place: StockPlace, of job: Job.ID) async throws
}

/// Keeps the files of stock items among the artifacts, so that an equal download is not made twice.
package protocol StockFiles: Sendable {
    /// A file that was kept for an item in this size, for use by the job at hand; nil if there is none.
    func find(_ item: StockItem) async throws -> (artifact: Artifact.ID, file: URL)?

    /// Those of the items of which a file is kept in this size.
    func kept(of items: [StockItem]) async throws -> Set<StockItem.Name>

    /// Keeps a file that was looked at and found good. It may be moved away.
    func keep(_ file: URL, for item: StockItem) async throws -> (artifact: Artifact.ID, file: URL)
}
