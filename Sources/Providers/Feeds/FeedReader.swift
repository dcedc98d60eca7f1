import Blocking
import CXML2
import FoundationEssentials

/// Reads sources: feeds by address or path, Markdown, plain text. Parsing is CPU work of up to seconds, so it runs on a
/// thread of its own, one source after another; downloads overlap.
package actor FeedReader {
    package struct Limits: Sendable {
        /// Longest time for one download, all redirects together, seconds.
        package var seconds = 20
        package var redirects = 5
        /// Largest file or answer, bytes.
        package var bytes = 20_000_000

        package init() {}
    }

    private let executor = BlockingExecutor(label: "feeds")
    private let limits: Limits
    private let policy: AddressPolicy

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// With `allowPrivateAddresses` also hosts of this machine and its network are asked; `privateHosts` are those that
    /// may be there without it, in lower case.
    package init(allowPrivateAddresses: Bool = false, privateHosts: Set<String> = [], limits: Limits = Limits()) {
        policy = AddressPolicy(allowsPrivate: allowPrivateAddresses, privateHosts: privateHosts)
        self.limits = limits
        xmlInitParser()
    }

    /// Reads all items of a source, a URL or a path. Cancellation ends a download at once, with `CancellationError`;
    /// every other error is a `FeedError`.
    package func read(_ source: String) async throws -> Feed {
        switch try SourceAddress(source) {
        case .web(let url):
            let download = FeedDownload(limits: limits, policy: policy)
            let answer = try await download.fetch(url)
            try Task.checkCancellation()
            return try SourceText(
                bytes: answer.bytes, source: SourceAddress.shown(url), hint: .init(answer: answer), address: answer.url,
                folder: nil
            ).feed()
        case .path(let path):
            return try feed(atPath: path)
        }
    }

    private func feed(atPath path: String) throws -> Feed {
        let files = try SourceFile.files(at: path, limit: limits.bytes)
        guard files.isFolder else { return try files.paths.first.map(feed(ofFile:)) ?? nothing(in: path) }
        var (items, first, left): ([FeedItem], (any Error)?, Int) = ([], nil, limits.bytes)
        for file in files.paths {
            try Task.checkCancellation()
            do {
                let feed = try feed(ofFile: file)
                items += feed.items
                left -= feed.items.reduce(0) { $0 + $1.body.source.utf8.count }
            } catch {
                first = first ?? error
            }
            if left < 0 { throw FeedError(.tooLarge(limits.bytes), source: path) }
        }
        if items.isEmpty, let first { throw first }
        return Feed(format: .markdown, title: nil, link: nil, items: items.uniqued())
    }

    private func feed(ofFile path: String) throws -> Feed {
        let bytes = try SourceFile.read(path, limit: limits.bytes)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        return try SourceText(
            bytes: bytes, source: path, hint: .init(path: path), address: nil, folder: folder
        ).feed()
    }

    private func nothing(in path: String) throws -> Feed { throw FeedError(.missingFile, source: path) }
}

extension [FeedItem] {
    /// Without the later of two items with the same key.
    func uniqued() -> Self {
        var seen: Set<String> = []
        return filter { seen.insert($0.key).inserted }
    }
}
