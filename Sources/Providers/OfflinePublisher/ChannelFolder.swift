import DurableFiles
import FoundationEssentials
import Production

/// One channel's published videos, held under the folder's lock.
///
/// A video is published once its `.json` is there: video, thumbnail and captions get their names before it, the feed
/// is made anew from all `.json` files after it. Whatever a crash leaves behind is put right by the next publication.
struct ChannelFolder: ~Copyable {
    private let folder: DurableFolder
    /// Held for as long as this value lives.
    private let lock: FolderLock
    private let slug: String
    private let address: PublicAddress

    static let feed = "feed.xml"

    init(_ folder: DurableFolder, lock: consuming FolderLock, slug: String, address: PublicAddress) {
        (self.folder, self.slug, self.address) = (folder, slug, address)
        self.lock = lock
    }

    /// Publishes the video unless its marker is there already, and brings the feed up to date. Answers the entry.
    func publish(_ publication: Publication) throws -> PublishedEntry {
        try folder.removeDrafts()
        var entries = try Self.entries(in: folder)
        if let entry = entries[publication.marker] {
            try refreshFeed(entries)
            return entry
        }
        let entry = try add(publication, besides: entries.values)
        entries[publication.marker] = entry
        try refreshFeed(entries)
        return entry
    }

    /// Makes `feed.xml` from the entries. Where it says the same already, it is not touched.
    func refreshFeed(_ entries: [String: PublishedEntry]) throws {
        let feed = MediaFeed(entries: Array(entries.values), slug: slug, address: address)
        let bytes = Array(feed.xml().utf8)
        let path = folder.path(of: Self.feed)
        if try FileStatus.of(path)?.content.size == Int64(bytes.count),
            try OpenFile.bytes(of: path, limit: bytes.count) == bytes
        {
            return
        }
        try folder.write(bytes, as: Self.feed, mode: 0o644)
        try folder.sync()
    }

    /// All published videos, by marker. Files that are not ours are passed over.
    static func entries(in folder: DurableFolder) throws -> [String: PublishedEntry] {
        var entries: [String: PublishedEntry] = [:]
        for name in try folder.names() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            guard let bytes = try? OpenFile.bytes(of: folder.path(of: name), limit: 1 << 20),
                let entry = PublishedEntry(json: bytes)
            else { continue }
            entries[entry.marker] = entry
        }
        return entries
    }

    private func add(
        _ publication: Publication, besides others: some Collection<PublishedEntry>
    ) throws -> PublishedEntry {
        let stem = Self.stem(for: publication, taken: Set(others.map(\.files.video)))
        let video = try OpenFile.reading(publication.video.plainPath)
        let entry = PublishedEntry(publication, stem: stem, videoBytes: try video.status().content.size)
        do {
            try place(video, as: entry.files.video)
            try place(OpenFile.reading(publication.thumbnail.plainPath), as: entry.files.thumbnail)
            try place(OpenFile.reading(publication.captions.plainPath), as: entry.files.captions)
            for (ending, file) in publication.further { try place(OpenFile.reading(file.plainPath), as: stem + ending) }
            try folder.sync()
            try folder.write(entry.json(), as: stem + ".json", mode: 0o644)
            try folder.sync()
        } catch {
            // Without its .json it is not published; what is there of it would only fill the disk.
            for name in entry.files.names where (try? FileStatus.of(folder.path(of: stem + ".json"))) == .some(nil) {
                _ = try? folder.remove(name)
            }
            throw error
        }
        return entry
    }

    /// `YYYY-MM-DD-slug`; with the job's number behind it where another job's video has that name.
    private static func stem(for publication: Publication, taken: Set<String>) -> String {
        let slug = FileSlug(publication.storyboard.title, fallback: "video-\(publication.job)")
        let plain = "\(publication.productionDay)-\(slug)"
        var stem = plain
        var count = 1
        while taken.contains(stem + ".mp4") {
            // Twice only where a job was published under two markers, or a slug ends in that number.
            stem = count == 1 ? "\(plain)-\(publication.job)" : "\(plain)-\(publication.job)-\(count)"
            count += 1
        }
        return stem
    }

    /// Gives the file a name here: a second name for the same bytes where that is safe, else a copy.
    private func place(_ file: borrowing OpenFile, as name: String) throws {
        if try folder.link(file, as: name) { return }
        var draft = try DraftFile(in: folder)
        try draft.append(contentsOf: file) { _ in try Task.checkCancellation() }
        try draft.commit(as: name, mode: 0o644)
    }
}
