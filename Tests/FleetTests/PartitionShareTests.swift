import Testing

@testable import Fleet

@Suite struct `Partitions` {
    private func shares(_ workers: [String], _ partitions: Int) -> [String: Set<Int>] {
        Dictionary(
            uniqueKeysWithValues: workers.map {
                ($0, PartitionShare.of($0, among: workers, partitions: Array(0..<partitions), most: 4))
            })
    }

    @Test(arguments: [(1, 3), (1, 9), (3, 12), (5, 16), (7, 6), (16, 64)])
    func `are divided so that none waits for a sweep while a worker has room`(workers: Int, partitions: Int) {
        let shares = shares((0..<workers).map { "render-\($0)" }, partitions)
        #expect(shares.values.allSatisfy { $0.count == min(4, partitions) })
        let rung = shares.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
        #expect(rung.count == min(partitions, workers * 4))
    }

    @Test func `mostly stay where they are when a worker goes`() {
        let workers = (0..<8).map { "render-\($0)" }
        let (before, after) = (shares(workers, 32), shares(workers.dropLast(), 32))
        let moved = after.reduce(0) { $0 + $1.value.subtracting(before[$1.key] ?? []).count }
        #expect(moved <= 14)
        #expect(shares(workers.reversed(), 32) == before)
    }

    @Test func `are shared out to a newcomer that is not in the list yet`() {
        #expect(PartitionShare.of("new", among: [], partitions: Array(0..<9), most: 4).count == 4)
    }
}
