import DurableFiles
import Foundation
import Production
import Testing

@testable import OfflinePublisher

@Suite struct `The offline publisher` {
    @Test func `puts video, thumbnail, captions and metadata side by side, named by day and title`() async throws {
        let fixture = try Fixture()
        let published = try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        let stem = "2026-01-02-why-the-sea-is-salt"
        #expect(published.remoteID == stem + ".mp4")
        #expect(published.location == fixture.channelFolder().appending(path: stem + ".mp4").path)

        let files = try fixture.files()
        #expect(files.keys.sorted() == ["\(stem).jpg", "\(stem).json", "\(stem).mp4", "\(stem).srt", "feed.xml"])
        #expect(files[stem + ".mp4"] == Data("moving pictures".utf8))
        #expect(files[stem + ".jpg"] == Data("a picture".utf8))
        #expect(files[stem + ".srt"] == Data("words".utf8))
        let json = try #require(files[stem + ".json"])
        let entry = try #require(PublishedEntry(json: Array(json)))
        #expect(entry.marker == "ytempire-job-7")
        #expect(entry.source.link == "https://example.org/salt?a=1&b=2")
        #expect(entry.publishedAt == Date(timeIntervalSince1970: 1_767_340_800))
        #expect(String(decoding: json, as: UTF8.self).contains("\"publishedAt\" : \"2026-01-02T08:00:00Z\""))
        for name in files.keys {
            let mode = try FileStatus.of(fixture.channelFolder().appending(path: name).path)?.mode
            #expect(mode.map { $0 & 0o444 } == 0o444, "\(name) can be read by a web server")
        }
    }

    @Test func `writes a feed that players understand`() async throws {
        let fixture = try Fixture()
        let base = try #require(URL(string: "https://example.org/videos"))
        let publisher = OfflinePublisher(root: fixture.root, baseURL: base)
        let published = try await publisher.publish(fixture.publication(description: "Salt & <light>.\nNext line"))
        let video = "https://example.org/videos/sea-stories/2026-01-02-why-the-sea-is-salt.mp4"
        #expect(published.location == video)

        let channel = try fixture.feed()
        #expect(try channel.one("title").text == "Sea & Stories")
        #expect(try channel.one("link").text == "https://example.org/videos/sea-stories/")
        #expect(try channel.one("language").text == "en")
        #expect(try channel.one("lastBuildDate").text == "Fri, 02 Jan 2026 08:00:00 GMT")
        #expect(try channel.one("atom:link").attributes["href"] == "https://example.org/videos/sea-stories/feed.xml")
        #expect(try channel.one("atom:link").attributes["rel"] == "self")

        let item = try channel.one("item")
        #expect(try item.one("title").text == "Why the sea is salt")
        #expect(try item.one("guid").text == "ytempire-job-7")
        #expect(try item.one("guid").attributes == ["isPermaLink": "false"])
        #expect(try item.one("pubDate").text == "Fri, 02 Jan 2026 08:00:00 GMT")
        // Readers take it for HTML.
        #expect(try item.one("description").text == "Salt &amp; &lt;light&gt;.<br/>Next line")
        #expect(
            try item.one("enclosure").attributes == ["url": video, "length": "15", "type": "video/mp4"])
        let media = try item.one("media:content")
        #expect(
            media.attributes == [
                "url": video, "fileSize": "15", "type": "video/mp4", "medium": "video", "duration": "92",
                "width": "1920", "height": "1080", "lang": "en",
            ])
        #expect(try media.one("media:description").text == "Salt & <light>.\nNext line")
        #expect(try media.one("media:keywords").text == "sea, salt & light")
        #expect(
            try media.one("media:thumbnail").attributes["url"] == video.replacingOccurrences(of: ".mp4", with: ".jpg"))
        #expect(
            try media.one("media:subTitle").attributes == [
                "type": "application/x-subrip", "lang": "en",
                "href": video.replacingOccurrences(of: ".mp4", with: ".srt"),
            ])
    }

    @Test func `uses file URLs where no base URL is configured`() async throws {
        let fixture = try Fixture()
        let published = try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        let channel = try fixture.feed()
        #expect(channel.all("atom:link").isEmpty)
        let link = try channel.one("item").one("enclosure").attributes["url"]
        #expect(link == URL(filePath: published.location).absoluteString)
    }

    @Test func `changes nothing when the same marker is published again`() async throws {
        let fixture = try Fixture()
        let publisher = OfflinePublisher(root: fixture.root)
        let first = try await publisher.publish(fixture.publication())
        func states() throws -> [String: FileStatus?] {
            var states: [String: FileStatus?] = [:]
            for name in try fixture.files().keys {
                states[name] = try FileStatus.of(fixture.channelFolder().appending(path: name).path)
            }
            return states
        }
        let (files, before) = (try fixture.files(), try states())
        // Even with another title and time: what is published is published.
        for again in [fixture.publication(), fixture.publication("Another title", at: 1_800_000_000)] {
            #expect(try await OfflinePublisher(root: fixture.root).publish(again) == first)
            #expect(try await publisher.lookUp(again) == first)
        }
        #expect(try fixture.files() == files)
        #expect(try states() == before)
    }

    @Test func `finds by the marker what was published, and nothing else`() async throws {
        let fixture = try Fixture()
        let publisher = OfflinePublisher(root: fixture.root)
        #expect(try await publisher.lookUp(fixture.publication()) == nil)
        #expect(!FileManager.default.fileExists(atPath: fixture.root.path))
        let published = try await publisher.publish(fixture.publication())
        #expect(try await publisher.lookUp(fixture.publication()) == published)
        #expect(try await publisher.lookUp(fixture.publication(marker: "ytempire-job-8")) == nil)
    }

    @Test func `never overwrites another job's video of the same day and title`() async throws {
        let fixture = try Fixture()
        let publisher = OfflinePublisher(root: fixture.root)
        let first = try await publisher.publish(fixture.publication(job: 7))
        let before = try fixture.files()
        let second = try await publisher.publish(fixture.publication(job: 8, at: 1_767_340_860))
        let third = try await publisher.publish(fixture.publication(job: 8, marker: "another", at: 1_767_340_920))
        #expect(first.remoteID == "2026-01-02-why-the-sea-is-salt.mp4")
        #expect(second.remoteID == "2026-01-02-why-the-sea-is-salt-8.mp4")
        #expect(third.remoteID == "2026-01-02-why-the-sea-is-salt-8-2.mp4")
        let after = try fixture.files()
        for (name, bytes) in before where name != "feed.xml" { #expect(after[name] == bytes) }
        #expect(
            try fixture.feed().all("item").map { try $0.one("guid").text }
                == ["another", "ytempire-job-8", "ytempire-job-7"])
    }

    @Test(arguments: [
        "../../etc", "🎉👩‍👩‍👧", "مرحبا بالعالم", String(repeating: "long ", count: 60), "]]>", "&<>\"'", "one\ntwo\r\nthree",
        "nul \u{0} bell \u{7} escape \u{1B}[31m", "\u{FFFE}\u{FFFF}", "<![CDATA[x]]>", "%{}:\\'", "", ".", "..",
        "a\u{85}b",
    ])
    func `survives every title`(title: String) async throws {
        let fixture = try Fixture()
        let publication = fixture.publication(title, marker: "marker \(title)", description: title)
        let published = try await OfflinePublisher(root: fixture.root).publish(publication)
        #expect(published.remoteID.wholeMatch(of: /2026-01-02-[a-z0-9]+(-[a-z0-9]+)*\.mp4/) != nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.root.path) == ["sea-stories"])
        #expect(try fixture.files().count == 5)
        let item = try fixture.feed().one("item")
        let shown = try item.one("title").text
        #expect(!shown.contains { $0.isNewline })
        if title == "&<>\"'" || title == "]]>" || title == "مرحبا بالعالم" { #expect(shown == title) }
        #expect(try await OfflinePublisher(root: fixture.root).lookUp(publication) == published)
    }

    @Test(arguments: ["", ".", "..", ".git", "a/b", "../x", "a\u{0}", "a b", "ü"])
    func `refuses for good a channel slug that is no plain name`(slug: String) async throws {
        let fixture = try Fixture()
        let failure = await #expect(throws: StageFailure.self) {
            try await OfflinePublisher(root: fixture.root).publish(fixture.publication(slug: slug))
        }
        #expect(failure?.kind == .permanent)
        #expect(!FileManager.default.fileExists(atPath: fixture.root.path))
        let day = await #expect(throws: StageFailure.self) {
            try await OfflinePublisher(root: fixture.root).publish(fixture.publication(day: "../../2026"))
        }
        #expect(day?.kind == .permanent)
    }

    @Test func `loses nobody's entry when two publish to one channel at the same time`() async throws {
        let fixture = try Fixture()
        let root = fixture.root
        let publications = (1...12).map { fixture.publication("Title", job: $0, at: 1_767_340_800 + Double($0)) }
        let published = try await withThrowingTaskGroup(of: PublishedVideo.self) { group in
            for half in 0..<2 {
                let publisher = OfflinePublisher(root: root)
                for publication in publications where publication.job.rawValue % 2 == half {
                    group.addTask { try await publisher.publish(publication) }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1.remoteID) }
        }
        #expect(published.count == 12)
        #expect(
            try fixture.feed().all("item").map { try $0.one("guid").text }
                == publications.reversed().map(\.marker))
        #expect(try fixture.files().count == 4 * 12 + 1)
    }

    @Test func `publishes once when two publish the same video at the same time`() async throws {
        let fixture = try Fixture()
        let (root, publication) = (fixture.root, fixture.publication())
        let published = try await withThrowingTaskGroup(of: PublishedVideo.self) { group in
            for _ in 0..<6 { group.addTask { try await OfflinePublisher(root: root).publish(publication) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(published.count == 6 && Set(published.map(\.remoteID)).count == 1)
        #expect(try fixture.feed().all("item").count == 1)
        #expect(try fixture.files().count == 5)
    }

    /// The steps of a publication, each as what a crash right after it leaves in the folder.
    @Test(arguments: 0..<7)
    func `heals what a crash left after any step`(step: Int) async throws {
        let fixture = try Fixture()
        let publisher = OfflinePublisher(root: fixture.root)
        _ = try await publisher.publish(fixture.publication("An older one", job: 1, at: 1_767_000_000))
        let older = try fixture.files()
        _ = try await publisher.publish(fixture.publication())
        let whole = try fixture.files()

        let stem = "2026-01-02-why-the-sea-is-salt"
        let folder = fixture.channelFolder()
        let order = [".mp4", ".jpg", ".srt", ".json"].map { stem + $0 } + ["feed.xml"]
        for name in order.dropFirst(step) { try FileManager.default.removeItem(at: folder.appending(path: name)) }
        if step < 5 { try #require(older["feed.xml"]).write(to: folder.appending(path: "feed.xml")) }
        if step == 6 { try FileManager.default.removeItem(at: folder.appending(path: "feed.xml")) }
        try Data("half".utf8).write(to: folder.appending(path: ".draft-abc123"))
        try FileManager.default.linkItem(
            at: fixture.folder.appending(path: "video"), to: folder.appending(path: ".draft-link"))

        _ = try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        #expect(try fixture.files() == whole)
    }

    @Test func `brings the feed up to date when a look-up finds what a crash kept out of it`() async throws {
        let fixture = try Fixture()
        let publisher = OfflinePublisher(root: fixture.root)
        let published = try await publisher.publish(fixture.publication())
        let whole = try fixture.files()
        try FileManager.default.removeItem(at: fixture.channelFolder().appending(path: "feed.xml"))
        #expect(try await publisher.lookUp(fixture.publication()) == published)
        #expect(try fixture.files() == whole)
    }

    @Test func `leaves nothing of a video that it could not publish whole`() async throws {
        let fixture = try Fixture()
        try FileManager.default.removeItem(at: fixture.folder.appending(path: "captions"))
        let failure = await #expect(throws: StageFailure.self) {
            try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        }
        #expect(failure?.kind == .transient())
        #expect(failure?.description.contains("captions") == true)
        #expect(try fixture.files().isEmpty)
    }

    @Test func `says what to do when the folder can't be written`() async throws {
        let fixture = try Fixture()
        try Data("in the way".utf8).write(to: fixture.root)
        let failure = await #expect(throws: StageFailure.self) {
            try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        }
        #expect(failure?.kind == .transient())
        #expect(failure?.description.contains(fixture.channelFolder().path) == true)

        let way = FileFault("open the lock", "/etc/hostname/sea/.lock", errno: ENOTDIR).description
        #expect(way.hasSuffix("/etc/hostname is a file, not a folder; move it away"), "\(way)")
        let full = FileFault("write in", "/videos/sea", errno: ENOSPC)
        #expect(full.code == .full)
        #expect(full.description.contains("/videos/sea: No space left on device; free some space there"))
        #expect(FileFault("write in", "/videos/sea", errno: EACCES).description.contains("the right to read and write"))
    }

    @Test func `stops waiting for a locked folder when cancelled`() async throws {
        let fixture = try Fixture()
        let folder = try DurableFolder(making: fixture.channelFolder().path)
        guard let lock = try FolderLock.take(folder) else {
            Issue.record("somebody else has the lock of a new folder")
            return
        }
        let (root, publication) = (fixture.root, fixture.publication())
        let task = Task { try await OfflinePublisher(root: root).publish(publication) }
        task.cancel()
        let failure = await #expect(throws: StageFailure.self) { try await task.value }
        #expect(failure?.kind == .transient())
        #expect(try fixture.files().isEmpty)
        withExtendedLifetime(lock) {}
    }

    @Test func `shares the bytes of files that nobody may write, and copies others`() async throws {
        let fixture = try Fixture()
        let thumbnail = fixture.folder.appending(path: "thumbnail").path
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: thumbnail)
        let published = try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        func inode(_ path: String) throws -> UInt64? { try FileStatus.of(path)?.content.inode }
        #expect(try inode(published.location) == inode(fixture.folder.appending(path: "video").path))
        let copy = published.location.replacingOccurrences(of: ".mp4", with: ".jpg")
        #expect(try inode(copy) != inode(thumbnail))
        // The store may be cleaned; what is published stays.
        try FileManager.default.removeItem(at: fixture.folder.appending(path: "video"))
        #expect(try Data(contentsOf: URL(filePath: published.location)) == Data("moving pictures".utf8))
    }

    @Test func `passes over files that others put into the folder`() async throws {
        let fixture = try Fixture()
        let folder = fixture.channelFolder()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [("notes.json", "{\"a\": 1}"), ("broken.json", "{"), ("readme.txt", "hello")] {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        _ = try await OfflinePublisher(root: fixture.root).publish(fixture.publication())
        #expect(try fixture.feed().all("item").count == 1)
        #expect(try fixture.files().count == 8)
    }
}

extension OfflinePublisher {
    fileprivate func lookUp(_ publication: Publication) async throws(StageFailure) -> PublishedVideo? {
        try await lookUp(marker: publication.marker, channel: publication.channel)
    }
}
