import FoundationEssentials

/// Reads RSS 2.0 (and its older relatives), RSS 1.0 and Atom, as real feeds write them.
struct SyndicationFeed {
    /// Enough for any feed; those behind are older.
    private static let mostItems = 5_000

    /// Where the document was found, for relative links; nil for files.
    let address: URL?
    /// For pictures of local feeds.
    let folder: String?

    /// Nil when the root is none of a feed's.
    func feed(_ root: XMLElement) -> Feed? {
        switch root.name.lowercased() {
        case "rss": rss(root, .rss, items: root.children("item", .plain))
        case "rdf": rss(root, .rdf, items: root.children("item", .plain))
        case "channel": rss(root, .rss, items: [], channel: root)
        case "feed": atom(root)
        default: nil
        }
    }

    // MARK: RSS

    private func rss(_ root: XMLElement, _ format: Feed.Format, items: [XMLElement], channel: XMLElement? = nil) -> Feed
    {
        let channel = channel ?? root.children("channel", .plain).first ?? root
        let link = absolute(channel.text("link", .plain), at: channel, base: address)
        let base = link.flatMap { URL(string: $0) } ?? address
        return Feed(
            format: format, title: channel.text("title", .plain).map(HTMLText.line), link: link,
            items: (channel.children("item", .plain) + items).prefix(Self.mostItems).map { rssItem($0, base: base) }
                .uniqued())
    }

    private func rssItem(_ item: XMLElement, base: URL?) -> FeedItem {
        let guid = item.children("guid", .plain).first
        let guidLink = guid.flatMap { guid -> String? in
            let text = guid.text.trimmingWhitespace()
            return guid.attribute("isPermaLink") != "false" && text.hasPrefix("http") ? text : nil
        }
        let link = item.text("link", .plain) ?? alternate(of: item) ?? guidLink
        let author =
            item.text("creator", .dublinCore) ?? item.text("author", .plain)
            ?? item.children("author", .atom).first?.text("name", .atom)
        let dates = [
            item.text("pubDate", .plain), item.text("date", .dublinCore), item.text("published", .atom),
            item.text("updated", .atom), item.text("date", .plain),
        ]
        let full =
            item.text("encoded", .content)
            ?? item.children("content", .atom).first.map { $0.text.nonBlank ?? $0.innerMarkup }
        let body = html(
            full.flatMap(\.nonBlank) ?? item.children("description", .plain).first.map(markup) ?? item.text(
                "summary", .atom) ?? "")
        return made(
            id: guid?.text.nonBlank, title: item.text("title", .plain).map(HTMLText.line) ?? "",
            link: absolute(link, at: item, base: base), author: author.map(Self.person),
            date: dates.lazy.compactMap(\.self).compactMap(FeedDate.read).first, body: body)
    }

    /// A description's text, or its markup where someone forgot to escape it.
    private func markup(_ element: XMLElement) -> String {
        element.children.isEmpty ? element.text : element.innerMarkup
    }

    /// RSS says `name@host (Name)`.
    private static func person(_ text: String) -> String {
        let line = HTMLText.line(text)
        if let open = line.firstIndex(of: "("), line.last == ")", line[..<open].contains("@") {
            return String(line[line.index(after: open)...].dropLast()).trimmingWhitespace()
        }
        return line
    }

    // MARK: Atom

    private func atom(_ root: XMLElement) -> Feed {
        let vocabulary = root.vocabulary
        let link = absolute(alternate(of: root), at: root, base: address)
        let feedAuthor = root.children("author", vocabulary).first?.text("name", vocabulary)
        let items = root.children("entry", vocabulary).prefix(Self.mostItems).map { entry in
            let author = entry.children("author", vocabulary).first?.text("name", vocabulary) ?? feedAuthor
            let dates = ["published", "issued", "updated", "modified", "created"].lazy
                .compactMap { entry.text($0, vocabulary) }
            let text = ["content", "summary"].lazy.compactMap { entry.children($0, vocabulary).first }
                .first { $0.attribute("src") == nil && !$0.innerMarkup.trimmingWhitespace().isEmpty }
            return made(
                id: entry.text("id", vocabulary),
                title: entry.children("title", vocabulary).first.map(line) ?? "",
                link: absolute(alternate(of: entry), at: entry, base: address), author: author.map(HTMLText.line),
                date: dates.compactMap(FeedDate.read).first, body: text.map(body) ?? html(""))
        }
        return Feed(
            format: .atom, title: root.children("title", vocabulary).first.map(line)?.nonBlank, link: link,
            items: Array(items).uniqued())
    }

    /// Atom's text constructs: `text`, `html`, `xhtml` (RFC 4287, 3.1).
    private func body(_ element: XMLElement) -> ItemBody {
        let type = element.attribute("type")?.lowercased() ?? "text"
        if type == "xhtml" || type.hasSuffix("+xml") || !element.children.isEmpty {
            return ItemBody(.html, element.innerMarkup, folder: folder)
        }
        // Many say nothing, or "text", and write HTML.
        return html(element.text, certainly: type == "html" || type == "text/html")
    }

    private func line(_ element: XMLElement) -> String {
        let type = element.attribute("type")?.lowercased() ?? "text"
        return type == "text" ? element.text.collapsingWhitespace() : HTMLText.line(element.text)
    }

    /// The `href` of the page that an entry or a feed stands for.
    private func alternate(of element: XMLElement) -> String? {
        let links = element.children.filter { $0.name == "link" && $0.attribute("href") != nil }
        let page = links.first { ($0.attribute("rel") ?? "alternate") == "alternate" }
        return page?.attribute("href")
    }

    // MARK: Both

    private func html(_ text: String, certainly: Bool = false) -> ItemBody {
        ItemBody(certainly || HTMLText.isMarkup(text) ? .html : .plain, text, folder: folder)
    }

    private func made(
        id: String?, title: String, link: String?, author: String?, date: Date?, body: ItemBody
    ) -> FeedItem {
        FeedItem(
            key: ItemKey.of(id: id, link: link, title: title, text: body.source), title: title, link: link,
            author: author.flatMap(\.nonBlank), date: date, body: body)
    }

    /// Resolved against the nearest `xml:base`es, then `base`; nil if that gives no http(s) address.
    private func absolute(_ link: String?, at element: XMLElement, base: URL?) -> String? {
        guard let link = link?.trimmingWhitespace(), !link.isEmpty else { return nil }
        var bases: [String] = []
        var current: XMLElement? = element
        while let element = current {
            if let base = element.attribute("base") { bases.append(base) }
            current = element.parent
        }
        let context = bases.reversed().reduce(base) { URL(string: $1, relativeTo: $0)?.absoluteURL ?? $0 }
        let url = URL(string: link, relativeTo: context)?.absoluteURL
        guard let url, let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https", url.host() != nil
        else { return nil }
        return url.absoluteString
    }
}
