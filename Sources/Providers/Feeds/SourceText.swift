import FoundationEssentials

/// A source's bytes, and what is known of them beside: finds out what they are and reads them.
struct SourceText {
    /// What file name and server say; the bytes have the last word.
    struct Hint {
        var isMarkdown = false
        /// From the server.
        var encoding: String?
        /// File name without ending and leading date, as a last resort for a title.
        var name: String?
        /// `YYYY-MM-DD-` in front of a file name.
        var day: String?

        init(path: String) {
            isMarkdown = [".md", ".markdown"].contains(where: path.lowercased().hasSuffix)
            let file = path.split(separator: "/").last ?? ""
            let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
            if FeedDate.read(String(stem.prefix(10))) != nil {
                day = String(stem.prefix(10))
                name = String(stem.dropFirst(10))
            } else {
                name = String(stem)
            }
            name = name?.replacing("-", with: " ").replacing("_", with: " ").nonBlank
        }

        init(answer: FeedDownload.Answer) {
            self.init(path: answer.url.path)
            let type = answer.contentType ?? ""
            isMarkdown = isMarkdown || type.hasPrefix("text/markdown") || type.hasPrefix("text/x-markdown")
            encoding = type.firstRange(of: "charset=").map { range in
                String(type[range.upperBound...].drop { $0 == "\"" || $0 == "'" }.prefix { !"\"'; ".contains($0) })
            }
        }
    }

    let bytes: [UInt8]
    /// As shown to people.
    let source: String
    let hint: Hint
    let address: URL?
    let folder: String?

    func feed() throws(FeedError) -> Feed {
        guard bytes.contains(where: { $0 > 0x20 }) else { throw FeedError(.empty, source: source) }
        if let kind = BinaryKind.of(bytes) { throw FeedError(.binary(kind), source: source) }
        let declaration = TextDecoding.wideEncoding(of: bytes) == nil ? Self.declaredEncoding(in: bytes) : nil
        let text = TextDecoding.utf8(bytes, declared: [declaration, hint.encoding].compactMap(\.self))
        let head = String(decoding: text.prefix(2048), as: UTF8.self).lowercased()
        if !hint.isMarkdown, Self.looksLikeXML(head) { return try syndication(text, head: head) }
        let string = String(decoding: text, as: UTF8.self)
        guard string.contains(where: { !$0.isWhitespace && $0 != "\u{FEFF}" }) else {
            throw FeedError(.empty, source: source)
        }
        if !hint.isMarkdown, let first = head.first(where: { !$0.isWhitespace }),
            first == "{" || first == "[" && head.contains("{\"")
        {
            throw FeedError(.notFeed("a JSON document"), source: source)
        }
        return article(string)
    }

    /// `<?xml … encoding="…"?>`
    private static func declaredEncoding(in bytes: [UInt8]) -> String? {
        let head = String(decoding: bytes.prefix(512), as: UTF8.self)
        guard let start = head.firstRange(of: "<?xml"), let end = head[start.upperBound...].firstRange(of: "?>"),
            let name = head[start.upperBound..<end.lowerBound].firstRange(of: "encoding")
        else { return nil }
        let value = head[name.upperBound..<end.lowerBound].drop {
            $0.isWhitespace || $0 == "=" || $0 == "\"" || $0 == "'"
        }
        return String(value.prefix { $0 != "\"" && $0 != "'" && !$0.isWhitespace }).nonBlank
    }

    private static func looksLikeXML(_ head: String) -> Bool {
        head.first { !$0.isWhitespace } == "<"
            || ["<?xml", "<rss", "<feed ", "<rdf:rdf"].contains(where: head.contains)
    }

    // MARK: Feeds

    private func syndication(_ text: [UInt8], head: String) throws(FeedError) -> Feed {
        let isPage = head.contains("<!doctype html") || head.contains("<html")
        if isPage, !head.contains("<rss"), !head.contains("<feed") { throw webPage(text) }
        guard let prepared = XMLPrelude.prepared(text) else { throw FeedError(.entityDefinitions, source: source) }
        let reader = SyndicationFeed(address: address, folder: folder)
        let found: (feed: Feed?, root: String)? = XMLElement.withRoot(of: prepared) { (reader.feed($0), $0.name) }
        if let feed = found?.feed { return feed }
        let root = found?.root.lowercased() ?? ""
        if ["html", "head", "body", "div", "p", "script", "meta", "table", "h1"].contains(root) { throw webPage(text) }
        throw FeedError(
            .notFeed(
                root.isEmpty
                    ? "broken XML without any element" : "an XML document of another kind (<\(root.prefix(40))>)"),
            source: source)
    }

    private func webPage(_ text: [UInt8]) -> FeedError {
        FeedError(.webPage(feed: WebPage.feedLink(in: text, address: address)), source: source)
    }

    // MARK: Articles

    private func article(_ text: String) -> Feed {
        let matter = FrontMatter(text)
        var (title, body) = (matter["title"], String(matter.rest))
        if hint.isMarkdown {
            if title == nil, let found = Self.topHeading(of: body) { (title, body) = found }
        } else if title == nil, let found = PlainText.title(of: body) {
            (title, body) = found
        }
        let title1 = title ?? hint.name ?? ""
        let link =
            matter["link", "url", "canonical_url"].flatMap { $0.hasPrefix("http") ? $0 : nil }
            ?? address?.absoluteString
        let item = FeedItem(
            key: ItemKey.of(id: matter["id", "guid"], link: matter["link"], title: title1, text: body),
            title: hint.isMarkdown ? MarkdownInline(references: [:]).read(title1).text : title1, link: link,
            author: matter["author"],
            date: matter["date", "published"].flatMap(FeedDate.read) ?? hint.day.flatMap(FeedDate.read),
            body: ItemBody(hint.isMarkdown ? .markdown : .plain, body, folder: folder))
        return Feed(
            format: hint.isMarkdown ? .markdown : .text, title: matter["source", "publication", "site"], link: nil,
            items: [item])
    }

    /// A level-one heading that opens the text, and the text below it.
    private static func topHeading(of text: String) -> (title: String?, rest: String)? {
        let start = text.drop(while: \.isWhitespace)
        let line = start.prefix { !$0.isNewline }
        let rest = start.dropFirst(line.count)
        if line.hasPrefix("# ") {
            return (line.dropFirst(2).trimmingWhitespace(), String(rest))
        }
        let next = rest.dropFirst().prefix { !$0.isNewline }
        guard !line.isEmpty, next.count >= 2, next.allSatisfy({ $0 == "=" }) else { return nil }
        return (line.trimmingWhitespace(), String(rest.dropFirst(1 + next.count)))
    }
}
