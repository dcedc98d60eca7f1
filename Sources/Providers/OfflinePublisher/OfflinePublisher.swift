import Blocking
import DurableFiles
package import FoundationEssentials
package import Production

/// Publishes into a folder per channel: `ROOT/CHANNEL/YYYY-MM-DD-slug.mp4`, with `.jpg`, `.srt` and `.json` beside it,
/// and a `feed.xml` that any player can subscribe to.
///
/// Any number of processes may publish into one root: each channel's folder is locked while it changes. The addresses
/// in the feed lie below `baseURL`, which has to serve the root folder; without one they are `file:` URLs, which work
/// on this machine and while the folder stays where it is.
package actor OfflinePublisher: Publisher {
    package nonisolated let provider: ProviderName = "offline"
    package nonisolated let steps: Set<PublicationStep> = []

    private let executor = BlockingExecutor(label: "offline publisher")
    private let address: PublicAddress

    /// The folder is made when the first video is published.
    package init(root: URL, baseURL: URL? = nil) {
        address = PublicAddress(base: baseURL, root: root.absoluteURL.standardized.plainPath)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package func lookUp(
        marker: String, channel: Channel, log: any PublicationLog
    ) async throws -> PublishedVideo? { try await lookUp(marker: marker, channel: channel) }

    /// One step: there is nothing to log between its beginning and its end.
    package func publish(_ publication: Publication, log: any PublicationLog) async throws -> PublishedVideo {
        try await publish(publication)
    }

    /// Finds the marker among the channel's published videos, and finishes the feed if a crash left it behind.
    package func lookUp(marker: String, channel: Channel) async throws(StageFailure) -> PublishedVideo? {
        let path = try folderPath(for: channel)
        do {
            guard try FileStatus.of(path) != nil else { return nil }
            let folder = DurableFolder(existing: path)
            guard let entry = try ChannelFolder.entries(in: folder)[marker] else { return nil }
            let locked = try await take(folder, slug: channel.slug)
            try locked.refreshFeed(ChannelFolder.entries(in: folder))
            return published(entry, on: channel)
        } catch {
            throw failure(of: error, asked: "look for \(marker) in \(path)")
        }
    }

    /// Publishes once: a marker that is there already is answered with nothing changed.
    ///
    /// When cancelled, or refused by the disk, nothing of the video stays in the folder.
    package func publish(_ publication: Publication) async throws(StageFailure) -> PublishedVideo {
        let path = try folderPath(for: publication.channel)
        try check(day: publication.productionDay)
        do {
            let folder = try DurableFolder(making: path)
            let channel = try await take(folder, slug: publication.channel.slug)
            return published(try channel.publish(publication), on: publication.channel)
        } catch {
            throw failure(of: error, asked: "publish \"\(publication.storyboard.title)\" in \(path)")
        }
    }

    /// Waits for the folder's lock. Between tries other publications have their turn.
    private func take(_ folder: DurableFolder, slug: String) async throws -> ChannelFolder {
        for _ in 0..<Self.tries {
            if let lock = try FolderLock.take(folder) {
                return ChannelFolder(folder, lock: lock, slug: slug, address: address)
            }
            try await Task.sleep(for: Self.pause)
        }
        throw FolderBusy(path: folder.path)
    }

    /// Two minutes: longer than it takes to copy a video across disks.
    private static let tries = 2_400
    private static let pause: Duration = .milliseconds(50)

    private func published(_ entry: PublishedEntry, on channel: Channel) -> PublishedVideo {
        PublishedVideo(
            remoteID: entry.files.video, location: address.location(channel.slug, entry.files.video))
    }

    /// The channel's folder. What comes from outside into a path is checked here, whoever has checked it before.
    private func folderPath(for channel: Channel) throws(StageFailure) -> String {
        let slug = channel.slug
        guard !slug.isEmpty, !slug.hasPrefix("."), slug.utf8.allSatisfy(Self.isSafe) else {
            throw unfit("the channel's slug", slug)
        }
        return "\(address.root)/\(slug)"
    }

    private func check(day: String) throws(StageFailure) {
        guard day.utf8.count == 10, day.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Self.isDigit($0) }) else {
            throw unfit("the production day", day)
        }
    }

    private func unfit(_ what: String, _ text: String) -> StageFailure {
        StageFailure(
            .permanent, provider: provider, asked: "publish",
            answer: "\(what) \"\(text)\" can't be part of a file name")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// What needs escaping neither in a path nor in a URL.
    private static func isSafe(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || "-._~".utf8.contains(byte)
    }

    private func failure(of error: any Error, asked: String) -> StageFailure {
        let answer =
            switch error {
            case let fault as FileFault: fault.description
            case is CancellationError: "cancelled before it was published; nothing of it stays in the folder"
            default: "\(error)"
            }
        return StageFailure(.transient(), provider: provider, asked: asked, answer: answer)
    }
}

/// Another process kept the channel's folder locked.
struct FolderBusy: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "another process has held \(path)/.lock for two minutes; see with `fuser` which one, and whether it hangs"
    }
}
