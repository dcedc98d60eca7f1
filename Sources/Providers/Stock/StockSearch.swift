package import FoundationEssentials
package import Production

/// Finds stock for one video: asks the libraries in their order, has what is chosen, and keeps who made it.
///
/// The same job finds the same again: what an earlier attempt chose is had without asking. Nothing that goes wrong with a library is
/// more than a note: whoever asks has something else to show.
package actor StockSearch: StockFootage {
    package struct Settings: Sendable {
        package var taste = StockTaste.mixed
        /// How long a channel does not show an item again.
        package var rest: Duration = .seconds(30 * 86_400)
        /// The most calls of one video to all libraries together: an hour's rate is for many videos.
        package var calls = 40

        package init() {}
    }

    private let libraries: [any StockLibrary]
    private let memory: any StockMemory
    private let files: any StockFiles
    private let settings: Settings
    private let job: Job.ID
    private let channel: Channel.ID
    private let folder: URL
    private let now: @Sendable () -> Date

    /// What this video shows, by place; nil until it is known.
    private var uses: [StockPlace: StockUse]?
    /// What must not be shown.
    private var barred: Set<StockItem.Name> = []
    /// Where something was refused late: a picture is drawn there.
    private var barren: Set<StockPlace> = []
    /// Failures of a library that may go away; one that won't counts as two.
    private var failures: [ProviderName: Int] = [:]
    private var trouble: [String] = []
    private var (calls, spared, downloads, kept, found) = (0, 0, 0, 0, 0)

    /// - Parameters:
    ///   - libraries: the first is asked first.
    ///   - folder: where files come to before they are kept; it is there.
    package init(
        libraries: [any StockLibrary], memory: any StockMemory, files: any StockFiles, settings: Settings,
        job: Job.ID, channel: Channel.ID, folder: URL, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.libraries, self.memory, self.files, self.settings) = (libraries, memory, files, settings)
        (self.job, self.channel, self.folder, self.now) = (job, channel, folder, now)
    }

    package var notes: [String: String] {
        guard calls + spared + found > 0 || !trouble.isEmpty else { return [:] }
        var notes = [
            "stock": "\(found) shown; \(calls) searches, \(spared) more answered from memory; "
                + "\(downloads) downloads, \(kept) more from the store"
        ]
        if !trouble.isEmpty { notes["stock_trouble"] = trouble.joined(separator: "; ") }
        return notes
    }

    package func find(_ wish: StockWish) async throws -> (use: StockUse, file: URL)? {
        guard !barren.contains(wish.place) else { return nil }
        do {
            if let again = try await again(wish) { return again }
            let kinds = settings.taste.kinds(at: wish.place, of: wish.scene, seed: wish.seed)
            guard !kinds.isEmpty else { return nil }
            for words in Widening.queries(for: wish) {
                for kind in kinds {
                    for library in libraries where library.kinds.contains(kind) {
                        if let result = try await find(wish, kind, words, in: library) { return result }
                    }
                }
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // Not a library's: Postgres or the store is away. The video can do without.
            try Task.checkCancellation()
            note("scene \(wish.place.scene + 1): \(error)")
        }
        return nil
    }

    package func refuse(_ use: StockUse, because reason: String) async throws {
        note("\(use.item.name): \(reason)")
        barred.insert(use.item.name)
        barren.insert(use.place)
        uses?[use.place] = nil
        found -= 1
        do { try await memory.drop(use.place, of: job) } catch { note("\(use.item.name) is still noted: \(error)") }
    }

    // MARK: What was chosen before

    private func again(_ wish: StockWish) async throws -> (use: StockUse, file: URL)? {
        if uses == nil {
            let all = try await memory.uses(of: job)
            barred.formUnion(try await memory.shown(on: channel, since: since, besides: job))
            uses = Dictionary(all.map { ($0.place, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let place = wish.place
        guard let use = uses?[place], use.about == wish.about else { return nil }
        do {
            guard let library = libraries.first(where: { $0.provider == use.item.name.provider }) else {
                throw StockFault("its library is switched off")
            }
            let (item, artifact, file) = try await have(use.item, from: library)
            let same = StockUse(
                place: place, about: use.about, item: item, artifact: artifact, isTold: use.isTold)
            if artifact != use.artifact { _ = try await memory.take(same, for: job, on: channel, since: since) }
            let told = try await tell(same, library)
            return shown(told, file)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try Task.checkCancellation()
            note("\(use.item.name): \(error)")
            barred.insert(use.item.name)
            uses?[place] = nil
            try await memory.drop(place, of: job)
            return nil
        }
    }

    // MARK: What is chosen now

    /// Pages of an answer that are looked through, should all on the first be used already.
    private static let pages = 3
    /// From so many of the best one is chosen: libraries answer everybody with the same one first.
    private static let best = 6
    /// So many files are tried.
    private static let tries = 3

    private func find(
        _ wish: StockWish, _ kind: StockItem.Kind, _ words: String, in library: any StockLibrary
    ) async throws -> (use: StockUse, file: URL)? {
        // A picture is looked at from nearer by as the camera moves.
        let margin = kind == .photo ? 5 : 4
        let query = StockQuery(
            kind, words, language: wish.language, orientation: wish.orientation, width: wish.width * margin / 4,
            height: wish.height * margin / 4)
        var next: String?
        for _ in 0..<Self.pages {
            guard failures[library.provider, default: 0] < 2, calls < settings.calls else { return nil }
            let page: StockPage
            do {
                page = try await library.search(query, next: next)
            } catch let failure as StageFailure {
                try count(failure, of: library)
                return nil
            }
            if page.isFresh { calls += 1 } else { spared += 1 }
            for item in try await choice(of: page.items, for: wish) {
                guard let result = try await take(item, for: wish, from: library) else { continue }
                return result
            }
            next = page.next
            if next == nil { return nil }
        }
        return nil
    }

    /// Those that are tried, in this order: of the best, those first of which the fleet has the file.
    private func choice(of items: [StockItem], for wish: StockWish) async throws -> [StockItem] {
        let shown = Set((uses ?? [:]).values.map(\.item.name))
        let fit = items.filter { item in
            guard !barred.contains(item.name), !shown.contains(item.name),
                Coverage.fits((item.width, item.height), in: wish.width, wish.height)
            else { return false }
            // A film can be slowed a little; one that has to begin again is seen to.
            return item.duration.map { $0 >= wish.seconds * 0.8 } ?? true
        }
        func covers(_ item: StockItem) -> Bool {
            Coverage.share(of: (item.width, item.height), covering: wish.width, wish.height) >= 1
        }
        let best = (fit.filter(covers) + fit.filter { !covers($0) }).prefix(Self.best)
        guard !best.isEmpty else { return [] }
        let first = Mixing.value(wish.seed, "stock \(wish.place.scene) \(wish.place.part)") % UInt64(best.count)
        let turned = Array(best.dropFirst(Int(first)) + best.prefix(Int(first)))
        let kept = try await files.kept(of: turned)
        return Array(
            (turned.filter { kept.contains($0.name) } + turned.filter { !kept.contains($0.name) }).prefix(Self.tries))
    }

    private func take(
        _ item: StockItem, for wish: StockWish, from library: any StockLibrary
    ) async throws -> (use: StockUse, file: URL)? {
        let artifact: Artifact.ID
        let (file, looked): (URL, StockItem)
        do {
            (looked, artifact, file) = try await have(item, from: library)
        } catch let failure as StageFailure {
            // The file's fault, not the library's: the next may be better.
            barred.insert(item.name)
            note("\(failure)")
            return nil
        }
        let use = StockUse(
            place: wish.place, about: wish.about, item: looked, artifact: artifact,
            isTold: looked.useNotice == nil)
        guard try await memory.take(use, for: job, on: channel, since: since) else {
            barred.insert(item.name)
            return nil
        }
        do {
            return shown(try await tell(use, library), file)
        } catch let failure as StageFailure {
            // What the library can't be told of must not be shown.
            try await memory.drop(wish.place, of: job)
            barred.insert(item.name)
            try count(failure, of: library)
            return nil
        }
    }

    private func shown(_ use: StockUse, _ file: URL) -> (use: StockUse, file: URL) {
        uses?[use.place] = use
        found += 1
        return (use, file)
    }

    private func tell(_ use: StockUse, _ library: any StockLibrary) async throws -> StockUse {
        guard !use.isTold else { return use }
        try await library.tellUse(of: use.item)
        try await memory.told(use.place, of: job)
        var use = use
        use.isTold = true
        return use
    }

    /// The item's file, from the store or from the library, and what is known of it then.
    private func have(
        _ item: StockItem, from library: any StockLibrary
    ) async throws -> (item: StockItem, artifact: Artifact.ID, file: URL) {
        if let (artifact, file) = try await files.find(item) {
            kept += 1
            return (item, artifact, file)
        }
        let file = folder.appending(path: "stock-\(UUID().uuidString)")
        let path = file.path(percentEncoded: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        downloads += 1
        try await library.download(item, to: path)
        let looked: StockItem
        do {
            looked = try await StockCheck.look(at: path, for: item)
        } catch {
            try Task.checkCancellation()
            throw StageFailure(
                .permanent, provider: library.provider, asked: "use \(item.name)",
                answer: "the file is not what was offered: \(error)")
        }
        let (artifact, kept) = try await files.keep(file, for: looked)
        return (looked, artifact, kept)
    }

    // MARK: Trouble

    private var since: Date { now() - settings.rest.seconds }

    private func count(_ failure: StageFailure, of library: any StockLibrary) throws {
        try Task.checkCancellation()
        note("\(failure)")
        if case .transient = failure.kind {
            failures[library.provider, default: 0] += 1
        } else {
            failures[library.provider] = 2
        }
    }

    private func note(_ text: String) {
        guard !trouble.contains(text) else { return }
        if trouble.count < 8 { trouble.append(text) } else if trouble.count == 8 { trouble.append("and more") }
    }
}
