import Feeds
import Foundation
import Testing

@Suite struct `A bad source` {
    private func problem(of source: String, _ reader: FeedReader = FeedReader()) async throws -> FeedError {
        try await #require(throws: FeedError.self) { try await reader.read(source) }
    }

    private func problem(of text: String, as name: String) async throws -> FeedError.Problem {
        let folder = try TemporaryFolder()
        return try await problem(of: folder.file(name, text)).problem
    }

    @Test(arguments: ["", "  \n \u{FEFF}"]) func `is named when it is empty`(text: String) async throws {
        #expect(try await problem(of: text, as: "feed.xml") == .empty)
    }

    @Test func `is named when it is a web page, with the page's feed`() async throws {
        let page =
            "<!DOCTYPE html><html><head><link rel='alternate' type='application/rss+xml' href='https://example.org/rss'></head></html>"
        #expect(try await problem(of: page, as: "page.xml") == .webPage(feed: "https://example.org/rss"))
        #expect(try await problem(of: "<html><body><p>Hello", as: "page.html") == .webPage(feed: nil))
    }

    @Test func `is refused when entities multiply`() async throws {
        var laughs = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY lol0 'lol'>"
        for level in 1...12 { laughs += "<!ENTITY lol\(level) '\(String(repeating: "&lol\(level - 1);", count: 10))'>" }
        laughs += "]><rss><channel><title>&lol12;</title></channel></rss>"
        #expect(try await problem(of: laughs, as: "feed.xml") == .entityDefinitions)
    }

    @Test func `is refused when entities are files`() async throws {
        let text =
            "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><title>&x;</title></channel></rss>"
        #expect(try await problem(of: text, as: "feed.xml") == .entityDefinitions)
    }

    @Test(arguments: [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A] as [UInt8], "a PNG picture"), (Array("%PDF-1.7".utf8), "a PDF document"),
        ([0x1F, 0x8B, 8, 0], "a gzip archive"), ([0x7F, 0x45, 0x4C, 0x46, 2], "a program (ELF)"),
        ((0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 31) }, "binary data"),
    ]) func `is named when it is binary`(bytes: [UInt8], kind: String) async throws {
        let folder = try TemporaryFolder()
        #expect(try await problem(of: folder.file("feed.xml", bytes: bytes)).problem == .binary(kind))
    }

    @Test func `is named when it is XML or JSON of another kind`() async throws {
        #expect(
            try await problem(of: "<urlset><url/></urlset>", as: "map.xml")
                == .notFeed("an XML document of another kind (<urlset>)"))
        #expect(try await problem(of: "{\"version\": 1}", as: "feed.json") == .notFeed("a JSON document"))
    }

    @Test func `is refused by its size before it is read`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("feed.xml", "<rss>")
        #expect(truncate(file, 50_000_000) == 0)
        #expect(try await problem(of: file).problem == .tooLarge(20_000_000))
    }

    @Test func `neither blocks nor feeds us for ever as a pipe, a device or an empty folder`() async throws {
        let folder = try TemporaryFolder()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(try await problem(of: pipe).problem == .notRegularFile("a named pipe (FIFO)"))
        #expect(try await problem(of: "/dev/zero").problem == .notRegularFile("a character device"))
        #expect(try await problem(of: folder.path).problem == .notRegularFile("a folder without .md files"))
        #expect(try await problem(of: folder.path + "/none.xml").problem == .missingFile)
    }

    @Test(arguments: ["", "ftp://example.org/feed", "http://", "redis://x/0"])
    func `is refused when its address is unusable`(source: String) async throws {
        let error = try await problem(of: source)
        guard case .unusableAddress = error.problem else { return #expect(Bool(false), "\(error)") }
    }

    @Test func `is told without user, password and query`() async throws {
        let error = try await problem(of: "http://ann:secret@127.0.0.1:9/feed?token=hidden")
        #expect(error.source == "http://127.0.0.1:9/feed?…")
        #expect(!error.description.contains("secret") && !error.description.contains("hidden"))
    }
}
