import Foundation
import Production

@testable import OfflinePublisher

/// A folder of its own for one test, with a video's three files in it, as the artifact store would hand them over.
struct Fixture: ~Copyable {
    let folder: URL
    var root: URL { folder.appending(path: "published") }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "offline-publisher-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in [("video", "moving pictures"), ("thumbnail", "a picture"), ("captions", "words")] {
            try Data(text.utf8).write(to: folder.appending(path: name))
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o440], ofItemAtPath: folder.appending(path: name).path)
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func publication(
        _ title: String = "Why the sea is salt", job: Int64 = 7, marker: String? = nil, day: String = "2026-01-02",
        at seconds: Double = 1_767_340_800, slug: String = "sea-stories", description: String = "From a book."
    ) -> Publication {
        Publication(
            marker: marker ?? "ytempire-job-\(job)", job: Job.ID(job),
            channel: Channel(
                id: Channel.ID(3), user: User.ID(2), name: "Sea & Stories", slug: slug, source: "sea.md",
                language: "en", voice: nil, orientation: .landscape, palette: .ocean, length: 90,
                dailyAt: TimeOfDay(hour: 7, minute: 0)!, review: false, state: .active, lastServed: nil),
            userName: "Ada", productionDay: day, publishedAt: Date(timeIntervalSince1970: seconds),
            storyboard: Storyboard(
                title: title, description: description, tags: ["sea", "salt & light"], language: "en",
                source: Storyboard.Source(
                    key: "k1", title: "The salt sea", link: "https://example.org/salt?a=1&b=2", author: nil),
                scenes: []),
            duration: 91.4, width: 1920, height: 1080, video: folder.appending(path: "video"),
            thumbnail: folder.appending(path: "thumbnail"), captions: folder.appending(path: "captions"))
    }

    func channelFolder(_ slug: String = "sea-stories") -> URL { root.appending(path: slug) }

    func feed(_ slug: String = "sea-stories") throws -> XMLTree {
        try XMLTree(String(contentsOf: channelFolder(slug).appending(path: "feed.xml"), encoding: .utf8)).one("channel")
    }

    /// What is in the channel's folder, by name; the lock file, which is always empty, left out.
    func files(_ slug: String = "sea-stories") throws -> [String: Data] {
        let folder = channelFolder(slug)
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name != ".lock" {
            files[name] = try Data(contentsOf: folder.appending(path: name))
        }
        return files
    }
}
