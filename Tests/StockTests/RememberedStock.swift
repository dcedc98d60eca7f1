import Crypto
import Foundation
import Production

/// A memory of stock in this process; its clock can be moved.
actor RememberedStock: StockMemory {
    private(set) var answers: [String: (bytes: [UInt8], at: Date)] = [:]
    private(set) var rates: [StockKey: StockRate] = [:]
    private var counts: [StockKey: (began: Date, calls: Int)] = [:]
    private(set) var rows: [(job: Job.ID, channel: Channel.ID, use: StockUse, at: Date)] = []
    /// How far this memory's clock is ahead.
    private var ahead: TimeInterval = 0

    private var now: Date { Date() + ahead }

    func step(_ seconds: TimeInterval) { ahead += seconds }

    /// Has everything been shown so much longer ago.
    func age(by seconds: TimeInterval) {
        for index in rows.indices { rows[index].at -= seconds }
    }

    func answer(of provider: ProviderName, to request: String, within age: Duration) -> [UInt8]? {
        guard let kept = answers["\(provider) \(request)"], now < kept.at + Double(age.components.seconds) else {
            return nil
        }
        return kept.bytes
    }

    func keep(_ answer: [UInt8], of provider: ProviderName, to request: String) {
        answers["\(provider) \(request)"] = (answer, now)
    }

    func admit(_ key: StockKey, calls: Int, within period: Duration) -> Date? {
        if let closed = rates[key]?.closedUntil, closed > now { return closed }
        var count = counts[key] ?? (now, 0)
        let end = count.began + Double(period.components.seconds)
        if now >= end { count = (now, 0) } else if count.calls >= calls { return end }
        count.calls += 1
        counts[key] = count
        return nil
    }

    func note(_ rate: StockRate, of key: StockKey) {
        var known = rates[key] ?? StockRate()
        known.remaining = rate.remaining ?? known.remaining
        known.resetsAt = rate.resetsAt ?? known.resetsAt
        known.closedUntil = [known.closedUntil, rate.closedUntil].compactMap(\.self).max()
        rates[key] = known
    }

    func shown(on channel: Channel.ID, since: Date, besides job: Job.ID) -> Set<StockItem.Name> {
        Set(rows.filter { $0.channel == channel && $0.at > since && $0.job != job }.map(\.use.item.name))
    }

    func uses(of job: Job.ID) -> [StockUse] { rows.filter { $0.job == job }.map(\.use) }

    func take(_ use: StockUse, for job: Job.ID, on channel: Channel.ID, since: Date) -> Bool {
        let isTaken = rows.contains { row in
            guard row.use.item.name == use.item.name else { return false }
            return row.job == job ? row.use.place != use.place : row.channel == channel && row.at > since
        }
        guard !isTaken else { return false }
        drop(use.place, of: job)
        rows.append((job, channel, use, now))
        return true
    }

    func told(_ place: StockPlace, of job: Job.ID) {
        for index in rows.indices where rows[index].job == job && rows[index].use.place == place {
            rows[index].use.isTold = true
        }
    }

    func drop(_ place: StockPlace, of job: Job.ID) {
        rows.removeAll { $0.job == job && $0.use.place == place }
    }
}

/// Files of items in a folder.
actor FolderFiles: StockFiles {
    private let folder: URL
    private var kept: [String: (artifact: Artifact.ID, file: URL)] = [:]

    init(_ folder: URL) { self.folder = folder }

    var count: Int { kept.count }

    private func key(_ item: StockItem) -> String { "\(item.name) \(item.width)x\(item.height)" }

    func find(_ item: StockItem) -> (artifact: Artifact.ID, file: URL)? { kept[key(item)] }

    func kept(of items: [StockItem]) -> Set<StockItem.Name> {
        Set(items.filter { kept[key($0)] != nil }.map(\.name))
    }

    func keep(_ file: URL, for item: StockItem) throws -> (artifact: Artifact.ID, file: URL) {
        let digest = SHA256.hash(data: try Data(contentsOf: file))
        guard let artifact = Artifact.ID(bytes: Array(digest)) else { throw CancellationError() }
        let place = folder.appending(path: "kept-\(artifact)")
        try? FileManager.default.removeItem(at: place)
        try FileManager.default.moveItem(at: file, to: place)
        kept[key(item)] = (artifact, place)
        return (artifact, place)
    }

    /// As if the store had lost everything.
    func forget() { kept = [:] }
}

/// A memory that is away.
struct NoMemory: StockMemory {
    struct Away: Error {}

    func answer(of: ProviderName, to: String, within: Duration) throws -> [UInt8]? { throw Away() }
    func keep(_: [UInt8], of: ProviderName, to: String) throws { throw Away() }
    func admit(_: StockKey, calls: Int, within: Duration) throws -> Date? { throw Away() }
    func note(_: StockRate, of: StockKey) throws { throw Away() }
    func shown(on: Channel.ID, since: Date, besides: Job.ID) throws -> Set<StockItem.Name> { throw Away() }
    func uses(of: Job.ID) throws -> [StockUse] { throw Away() }
    func take(_: StockUse, for: Job.ID, on: Channel.ID, since: Date) throws -> Bool { throw Away() }
    func told(_: StockPlace, of: Job.ID) throws { throw Away() }
    func drop(_: StockPlace, of: Job.ID) throws { throw Away() }
}
