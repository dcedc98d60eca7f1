/// Divides partitions among workers so that each worker has at most so many, each partition has one before any has two, and a
/// worker that comes or goes moves few: rendezvous hashing, with a limit.
enum PartitionShare {
    /// The partitions that one worker waits at. One that is not (yet) among the living takes its share beside them.
    static func of(_ worker: String, among living: [String], partitions: [Int], most: Int) -> Set<Int> {
        let workers = Array(Set(living + [worker]))
        guard partitions.count > most else { return Set(partitions) }
        // Each partition's workers, the one it would like best at the end.
        var preferences = partitions.map { partition in
            workers.indices.sorted {
                let (left, right) = (weight(workers[$0], partition), weight(workers[$1], partition))
                return left == right ? workers[$0] > workers[$1] : left < right
            }
        }
        var room = [Int](repeating: most, count: workers.count)
        var share: Set<Int> = []
        var isDivided = false
        while !isDivided {
            isDivided = true
            for (index, partition) in partitions.enumerated() {
                while let best = preferences[index].popLast() {
                    guard room[best] > 0 else { continue }
                    room[best] -= 1
                    isDivided = false
                    if workers[best] == worker { share.insert(partition) }
                    break
                }
            }
        }
        return share
    }

    /// The same in every process and release: FNV-1a, mixed once more so that near names fall far apart.
    private static func weight(_ worker: String, _ partition: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in Array("\(worker)/\(partition)".utf8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        return hash ^ (hash >> 33)
    }
}
