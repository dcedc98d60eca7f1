import FoundationEssentials

/// Where published files are reached: below the configured base URL, or, without one, by `file:` URLs on this machine.
struct PublicAddress {
    /// `https://example.org/videos`, which must serve the publisher's root folder; nil for local use.
    let base: URL?
    /// The publisher's root.
    let root: String

    /// Of a file in a channel's folder, or of the folder itself when `name` is empty. Absolute.
    func url(_ slug: String, _ name: String) -> String {
        let start: String
        if let base {
            start = base.absoluteString
        } else {
            start = URL(filePath: root, directoryHint: .isDirectory).absoluteString
        }
        return (start.hasSuffix("/") ? start : start + "/") + slug + "/" + name
    }

    /// Where a person finds the file: its URL if the folder is served, else its path.
    func location(_ slug: String, _ name: String) -> String {
        base == nil ? "\(root)/\(slug)/\(name)" : url(slug, name)
    }
}
