import Fleet
import Foundation
import Production

/// A stock library with somebody beside it who counts.
struct CountedLibrary: StockLibrary {
    let library: any StockLibrary
    let tally: CallTally
    let crash: CrashAhead

    var provider: ProviderName { library.provider }
    var kinds: Set<StockItem.Kind> { library.kinds }

    func search(_ query: StockQuery, next: String?) async throws -> StockPage {
        let page: StockPage
        do {
            page = try await library.search(query, next: next)
        } catch {
            // What its rate does not allow is not asked.
            if let failure = error as? StageFailure, !failure.answer.hasPrefix("not asked") {
                tally.count(.search, \.failed)
            }
            throw error
        }
        tally.count(.search, page.isFresh ? \.made : \.shared)
        try crash.pass()
        return page
    }

    func download(_ item: StockItem, to path: String) async throws {
        do {
            try await library.download(item, to: path)
        } catch {
            tally.count(.download, \.failed)
            throw error
        }
        tally.count(.download, \.made)
        try crash.pass()
    }

    func tellUse(of item: StockItem) async throws { try await library.tellUse(of: item) }
}

/// The fleet's own files of stock items, with somebody beside them who counts.
struct CountedFiles: StockFiles {
    let files: JobStockFiles
    let tally: CallTally
    let memory: VideoMemory

    func find(_ item: StockItem) async throws -> (artifact: Artifact.ID, file: URL)? {
        let found = try await files.find(item)
        guard found != nil else { return nil }
        tally.count(.download, memory.isNew("\(item.name)") ? \.shared : \.again)
        return found
    }

    func kept(of items: [StockItem]) async throws -> Set<StockItem.Name> { try await files.kept(of: items) }

    func keep(_ file: URL, for item: StockItem) async throws -> (artifact: Artifact.ID, file: URL) {
        _ = memory.isNew("\(item.name)")
        return try await files.keep(file, for: item)
    }
}
