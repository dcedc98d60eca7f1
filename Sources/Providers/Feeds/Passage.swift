/// A stretch of an item's text, free of markup.
package struct Passage: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case heading
        case paragraph
        case listItem
        /// A picture; the text is its description and may be empty.
        case picture(file: String)
    }

    package var kind: Kind
    /// One line, spaces single.
    package var text: String

    package init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }
}
