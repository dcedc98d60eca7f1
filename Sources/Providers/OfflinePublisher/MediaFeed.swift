import FoundationEssentials

/// A channel's videos as a feed that podcast and video players can subscribe to.
///
/// RSS 2.0 (https://www.rssboard.org/rss-specification) with the elements of Media RSS
/// (https://www.rssboard.org/media-rss). The same entries make the same bytes.
struct MediaFeed {
    /// Of one channel, at least one.
    let entries: [PublishedEntry]
    let slug: String
    let address: PublicAddress

    func xml() -> String {
        let newestFirst = entries.sorted { ($1.publishedAt, $1.job) < ($0.publishedAt, $0.job) }
        var xml = XMLWriter()
        xml.open(
            "rss",
            [
                ("version", "2.0"), ("xmlns:atom", "http://www.w3.org/2005/Atom"),
                ("xmlns:media", "http://search.yahoo.com/mrss/"),
            ])
        xml.open("channel")
        if let newest = newestFirst.first {
            xml.element("title", XMLWriter.line(newest.channel))
            xml.element("link", address.url(slug, ""))
            xml.element("description", XMLWriter.line("Videos of \(newest.channel)"))
            xml.element("language", newest.language)
            xml.element("lastBuildDate", RFC822.date(newest.publishedAt))
            xml.element("generator", "ytempire")
        }
        if address.base != nil {
            xml.empty(
                "atom:link",
                [("href", address.url(slug, "feed.xml")), ("rel", "self"), ("type", "application/rss+xml")])
        }
        for entry in newestFirst { write(entry, into: &xml) }
        xml.close("channel")
        xml.close("rss")
        return xml.text
    }

    private func write(_ entry: PublishedEntry, into xml: inout XMLWriter) {
        let video = address.url(slug, entry.files.video)
        let bytes = String(entry.files.videoBytes)
        xml.open("item")
        xml.element("title", XMLWriter.line(entry.title))
        xml.element("link", video)
        xml.element("description", XMLWriter.html(entry.description))
        xml.element("guid", entry.marker, [("isPermaLink", "false")])
        xml.element("pubDate", RFC822.date(entry.publishedAt))
        xml.empty("enclosure", [("url", video), ("length", bytes), ("type", "video/mp4")])
        xml.open(
            "media:content",
            [
                ("url", video), ("fileSize", bytes), ("type", "video/mp4"), ("medium", "video"),
                ("duration", String(Int(entry.duration.rounded(.up)))), ("width", String(entry.width)),
                ("height", String(entry.height)), ("lang", entry.language),
            ])
        xml.element("media:title", XMLWriter.line(entry.title), [("type", "plain")])
        xml.element("media:description", entry.description, [("type", "plain")])
        if !entry.tags.isEmpty {
            xml.element("media:keywords", XMLWriter.line(entry.tags.joined(separator: ", ")))
        }
        xml.empty("media:thumbnail", [("url", address.url(slug, entry.files.thumbnail))])
        xml.empty(
            "media:subTitle",
            [
                ("type", "application/x-subrip"), ("lang", entry.language),
                ("href", address.url(slug, entry.files.captions)),
            ])
        xml.close("media:content")
        xml.close("item")
    }
}
