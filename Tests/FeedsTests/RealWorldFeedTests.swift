import Feeds
import Foundation
import Testing

@Suite struct `A real-world feed` {
    private func read(_ text: String, as name: String = "feed.xml") async throws -> Feed {
        let folder = try TemporaryFolder()
        return try await FeedReader().read(folder.file(name, text))
    }

    private func read(bytes: [UInt8]) async throws -> Feed {
        let folder = try TemporaryFolder()
        return try await FeedReader().read(folder.file("feed.xml", bytes: bytes))
    }

    private func texts(_ item: FeedItem) -> [String] { item.body.passages().map(\.text) }

    @Test func `is read from RSS with CDATA, entities, tags and every field`() async throws {
        let feed = try await read(
            """
            <?xml version="1.0"?>
            <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel><title>News &amp; Views</title><link>https://example.org/</link>
            <item><title>Tom &amp;amp; Jerry&nbsp;return</title><link>/a?x=1&y=2</link><guid isPermaLink="false">id-1</guid>
            <pubDate>Fri, 03 May 2024 10:20:30 EST</pubDate><dc:creator>Ann Lee</dc:creator>
            <description>Short.</description>
            <content:encoded><![CDATA[<p>First &eacute;l&egrave;ve.</p><script>evil()</script><ul><li>One thing.</li><li>Another.</li></ul>
            <h2>More</h2><p>Line<br>break &lt; more</p>]]></content:encoded></item>
            </channel></rss>
            """)
        let item = try #require(feed.items.first)
        #expect(feed.title == "News & Views" && feed.format == .rss)
        #expect(item.title == "Tom & Jerry return")
        #expect(item.link == "https://example.org/a?x=1&y=2")
        #expect(item.key == "id-1" && item.author == "Ann Lee")
        #expect(item.date == Date(timeIntervalSince1970: 1_714_749_630))
        #expect(texts(item) == ["First élève.", "One thing.", "Another.", "More", "Line break < more"])
        #expect(item.body.passages().map(\.kind) == [.paragraph, .listItem, .listItem, .heading, .paragraph])
    }

    @Test func `is read from Atom with html, xhtml and plain text, and relative links`() async throws {
        let feed = try await read(
            """
            <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/blog/"><title type="html">A &lt;b&gt;bold&lt;/b&gt; feed</title>
            <author><name>Everyone</name></author><link rel="self" href="feed.xml"/><link href="/"/>
            <entry><id>1</id><title>x < y</title><updated>2024-05-03T10:20:30.25+02:00</updated><link href="one"/>
            <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <em>fine</em> day.</p></div></content></entry>
            <entry xml:base="2024/"><id>2</id><title>Two</title><link rel="enclosure" href="x.mp3"/><link rel="alternate" href="two"/>
            <summary type="html">&lt;p&gt;Second.&lt;/p&gt;</summary></entry>
            <entry><id>3</id><title>Three</title><author><name>Bo</name></author><content>Just text &amp; more.</content></entry>
            </feed>
            """.replacing("x < y", with: "x &lt; y"))
        #expect(feed.title == "A bold feed" && feed.link == "https://example.org/")
        #expect(feed.items.map(\.link) == ["https://example.org/blog/one", "https://example.org/blog/2024/two", nil])
        #expect(feed.items.map(\.title) == ["x < y", "Two", "Three"])
        #expect(
            feed.items.map { texts($0).joined(separator: "|") } == ["One fine day.", "Second.", "Just text & more."])
        #expect(feed.items.map(\.author) == ["Everyone", "Everyone", "Bo"])
        #expect(feed.items[0].date == Date(timeIntervalSince1970: 1_714_724_430))
    }

    @Test func `is read from RSS 1.0`() async throws {
        let feed = try await read(
            """
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
            <channel><title>Old</title><link>https://old.example/</link></channel>
            <item><title>Still here</title><link>https://old.example/1</link><description>Text.</description><dc:date>2003-01-02</dc:date></item>
            </rdf:RDF>
            """)
        #expect(feed.format == .rdf && feed.title == "Old")
        #expect(feed.items.map(\.key) == ["https://old.example/1"] && feed.items[0].date != nil)
    }

    @Test func `keeps items without guid, title and date apart, and each item once`() async throws {
        let feed = try await read(
            """
            <rss><channel><item><description>First text.</description></item><item><description>Second text.</description></item>
            <item><guid>g</guid><title>A</title></item><item><guid>g</guid><title>A again</title></item>
            <item><link>https://example.org/x</link></item></channel></rss>
            """)
        #expect(feed.items.map(\.title) == ["", "", "A", ""])
        #expect(Set(feed.items.map(\.key)).count == 4 && feed.items[3].key == "https://example.org/x")
        #expect(feed.items.allSatisfy { $0.date == nil })
    }

    @Test func `survives undeclared prefixes, stray ampersands, control characters and a missing end`() async throws {
        let feed = try await read(
            "\n\nWarning: something\n<?xml version='1.0'?><rss><channel><title>A & B\u{1}</title>"
                + "<item><title>AT&T &unknown; wins</title><content:encoded>&lt;p&gt;Fine.&lt;/p&gt;</content:encoded></item><item><title>Cut"
        )
        #expect(feed.title == "A & B")
        #expect(feed.items.first?.title == "AT&T &unknown; wins" && feed.items.first.map(texts) == ["Fine."])
    }

    @Test func `does not take another vocabulary's title for the item's`() async throws {
        let feed = try await read(
            """
            <rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
            <atom:link href="https://example.org/feed" rel="self"/><title>T</title><link>https://example.org</link>
            <item><media:title>Wrong</media:title><title>Right</title><media:description>No</media:description><description>Yes.</description></item>
            </channel></rss>
            """)
        #expect(
            feed.items[0].title == "Right" && texts(feed.items[0]) == ["Yes."] && feed.link == "https://example.org")
    }

    @Test func `unwraps HTML that was escaped twice`() async throws {
        let feed = try await read(
            "<rss><channel><item><description>&amp;lt;p&amp;gt;One.&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;Two.&amp;lt;/p&amp;gt;</description></item></channel></rss>"
        )
        #expect(texts(feed.items[0]) == ["One.", "Two."])
    }

    @Test(arguments: [
        ("ISO-8859-1", [0xE9, 0x20, 0x93, 0x94] as [UInt8]), ("windows-1252", [0xE9, 0x20, 0x93, 0x94]),
        ("UTF-8", [0xE9, 0x20, 0x93, 0x94]),
        ("utf-16", [0xC3, 0xA9, 0x20, 0xE2, 0x80, 0x9C, 0xE2, 0x80, 0x9D]),
        ("ISO-8859-1", [0xC3, 0xA9, 0x20, 0xE2, 0x80, 0x9C, 0xE2, 0x80, 0x9D]),
        ("nonsense", [0xC3, 0xA9, 0x20, 0xE2, 0x80, 0x9C, 0xE2, 0x80, 0x9D]),
    ]) func `is decoded by what its bytes are`(declared: String, bytes: [UInt8]) async throws {
        let document =
            Array("<?xml version='1.0' encoding='\(declared)'?><rss><channel><title>".utf8) + bytes
            + Array("</title></channel></rss>".utf8)
        #expect(try await read(bytes: document).title == "é “”")
    }

    @Test(arguments: [true, false]) func `is decoded from UTF-16 with and without a mark`(hasMark: Bool) async throws {
        let text = "<?xml version='1.0' encoding='UTF-16'?><rss><channel><title>é – ж</title></channel></rss>"
        let bytes = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try await read(bytes: (hasMark ? [0xFF, 0xFE] : []) + bytes).title == "é – ж")
    }

    @Test func `is decoded from any encoding the system knows`() async throws {
        let bytes =
            Array("<?xml version='1.0' encoding='koi8-r'?><rss><channel><title>".utf8) + [0xCD, 0xC9, 0xD2]
            + Array("</title></channel></rss>".utf8)
        #expect(try await read(bytes: bytes).title == "мир")
    }

    @Test func `may define plain entities of its own`() async throws {
        let feed = try await read(
            "<!DOCTYPE rss [<!ENTITY nbsp \"&#160;\"><!ENTITY co \"Company\">]><rss><channel><title>The&nbsp;&co;</title></channel></rss>"
        )
        #expect(feed.title == "The Company")
    }

    @Test(arguments: [
        ("Fri, 03 May 2024 10:20:30 GMT", 1_714_731_630.0), ("3 May 24 10:20 +0200", 1_714_724_400),
        ("Fri, 03 May 2024 10:20:30 PDT", 1_714_756_830), ("2024-05-03T10:20:30Z", 1_714_731_630),
        ("2024-05-03T10:20:30-05:30", 1_714_751_430), ("2024-05-03", 1_714_694_400),
        ("2024-05-03 10:20", 1_714_731_600),
        ("May 3, 2024", 1_714_694_400), ("Freitag, 3 May 2024 10:20:30", 1_714_731_630), ("29 Feb 2024", 1_709_164_800),
    ]) func `has dates in many forms`(text: String, seconds: Double) {
        #expect(FeedDate.read(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: ["", "yesterday", "2024-13-01", "32 May 2024", "99999999999999999999-01-01", "10:20"])
    func `has no date that can't be read`(text: String) { #expect(FeedDate.read(text) == nil) }
}
