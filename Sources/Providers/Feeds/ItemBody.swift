/// An item's text as the source wrote it. Taking it apart costs time, so it is done for the item that is used only.
package struct ItemBody: Sendable, Equatable {
    package enum Markup: Sendable { case html, markdown, plain }

    package var markup: Markup
    package var source: String
    /// Folder that relative paths of pictures start from; nil when the source is not on this machine, whose files are
    /// then none of its business.
    package var folder: String?

    package init(_ markup: Markup, _ source: String, folder: String? = nil) {
        (self.markup, self.source, self.folder) = (markup, source, folder)
    }

    /// More than any article; what lies behind it is left out.
    static let longest = 1_000_000

    /// The text in the source's order, free of markup, with the pictures that really are files of this machine.
    package func passages() -> [Passage] {
        let text =
            source.utf8.count > Self.longest
            ? String(decoding: source.utf8.prefix(Self.longest), as: UTF8.self) : source
        let all =
            switch markup {
            case .html: HTMLText.passages(of: text)
            case .markdown: MarkdownText(text).passages
            case .plain: PlainText.passages(of: text)
            }
        return all.compactMap { passage in
            guard case .picture(let target) = passage.kind else { return passage }
            return LocalPicture.file(for: target, in: folder).map { Passage(.picture(file: $0), passage.text) }
        }
    }
}
