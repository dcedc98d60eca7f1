package import FoundationEssentials

/// A film or a photo of a stock library, with all that must be known of it for as long as a video shows it.
package struct StockItem: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable { case film, photo }

    /// Which item of which library, whatever size it is shown in.
    package struct Name: Sendable, Hashable, Codable, CustomStringConvertible {
        package let provider: ProviderName
        package let kind: Kind
        /// The library's own; unique among its items of the kind.
        package let id: String

        package init(_ provider: ProviderName, _ kind: Kind, _ id: String) {
            (self.provider, self.kind, self.id) = (provider, kind, id)
        }

        package var description: String { "\(provider) \(kind.rawValue) \(id)" }
    }

    package var name: Name
    /// Its page in the library, for people.
    package var page: String
    /// Who made it; empty where the library doesn't say.
    package var author: String
    package var authorPage: String?
    /// Pixels of `file`.
    package var width: Int
    package var height: Int
    /// Seconds; nil of a photo.
    package var duration: Double?
    /// Where the bytes of the chosen size lie.
    package var file: String
    /// What the library says that `file` is.
    package var mime: String
    /// A short name of the terms, and where they stand.
    package var licence: String
    package var licencePage: String
    /// When the library answered.
    package var fetchedAt: Date
    /// Where the library wants to be told that the item is used; nil where it doesn't.
    package var useNotice: String?

    package init(
        name: Name, page: String, author: String, authorPage: String? = nil, width: Int, height: Int,
        duration: Double? = nil, file: String, mime: String, licence: String, licencePage: String, fetchedAt: Date,
        useNotice: String? = nil
    ) {
        (self.name, self.page, self.author, self.authorPage) = (name, page, author, authorPage)
        (self.width, self.height, self.duration) = (width, height, duration)
        (self.file, self.mime, self.licence, self.licencePage) = (file, mime, licence, licencePage)
        (self.fetchedAt, self.useNotice) = (fetchedAt, useNotice)
    }
}

/// What is looked for in a stock library.
package struct StockQuery: Sendable, Hashable {
    package let kind: StockItem.Kind
    /// Lower case, single spaces, at most `wordsLimit` characters: the same words in another dress are the same query.
    package let words: String
    /// Of the words, BCP 47.
    package let language: String
    package let orientation: Channel.Orientation
    /// Pixels that the chosen file is to cover.
    package let width: Int
    package let height: Int

    /// Pixabay takes no more characters; the others say nothing.
    package static let wordsLimit = 100

    package init(
        _ kind: StockItem.Kind, _ words: some StringProtocol, language: String, orientation: Channel.Orientation,
        width: Int, height: Int
    ) {
        (self.kind, self.language, self.orientation) = (kind, language, orientation)
        (self.width, self.height) = (width, height)
        var text = ""
        for word in words.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "'" })
        where text.count + word.count < Self.wordsLimit {
            text += text.isEmpty ? String(word) : " \(word)"
        }
        self.words = text
    }
}

/// A part of what a library has for a query, its best first.
package struct StockPage: Sendable, Equatable {
    package let items: [StockItem]
    /// Asks the library for the next part; nil at the end. Only the library that gave it knows what it says.
    package let next: String?
    /// Whether the library itself was asked, or its answer was kept from before.
    package let isFresh: Bool

    package init(items: [StockItem], next: String?, isFresh: Bool) {
        (self.items, self.next, self.isFresh) = (items, next, isFresh)
    }
}

/// A library of films, photos or both.
package protocol StockLibrary: Sendable {
    var provider: ProviderName { get }
    var kinds: Set<StockItem.Kind> { get }

    /// - Parameter next: `StockPage.next` of the part before; nil for the first.
    /// - Throws: `StageFailure`, which is `.limited` while the library's rate is used up; `CancellationError`.
    func search(_ query: StockQuery, next: String?) async throws -> StockPage

    /// Writes the item's bytes to `path`. They are not looked at here.
    ///
    /// - Throws: `StageFailure`, `CancellationError`.
    func download(_ item: StockItem, to path: String) async throws

    /// Tells the library that the item is used, where it wants to know; once for each use.
    ///
    /// - Throws: `StageFailure`, `CancellationError`.
    func tellUse(of item: StockItem) async throws
}
