public import Redis
import Synchronization

/// A queue in several partitions, each a ``StageQueue`` whose keys share one hash tag, so that a Redis Cluster can spread
/// them over its primaries. On a single Redis it works the same.
///
/// What there is in one partition says nothing of the others: each has its own epoch, pauses and dead letters. A copy shares
/// what is known of the partitions.
public struct PartitionedQueue: Sendable {
    private final class Known: Sendable {
        struct State {
            var queues: [Int: StageQueue] = [:]
            var partitions: Set<Int>
            var listeners: [Int: AsyncStream<Set<Int>>.Continuation] = [:]
            var nextListener = 0
        }
        let state: Mutex<State>

        init(_ partitions: Set<Int>) { state = Mutex(State(partitions: partitions)) }
    }

    /// Of partition 0, after which those of the others are made. Its ``QueueTopology/eventsKey`` and
    /// ``QueueTopology/workerKey(_:)`` are the whole queue's.
    public let topology: QueueTopology
    let client: RedisClient
    private let lanes: LaneLimits
    private let newEpoch: @Sendable () -> String
    private let known: Known

    /// Opens nothing.
    ///
    /// - Parameters:
    ///   - topology: of any partition.
    ///   - count: how many partitions are known from the start, from 0 on; at least 1.
    ///   - newEpoch: as ``StageQueue/init(client:topology:newEpoch:)``
    public init(
        client: RedisClient, topology: QueueTopology, partitions count: Int = 1, lanes: LaneLimits = LaneLimits(),
        newEpoch: @escaping @Sendable () -> String = { String(UInt64.random(in: 1...UInt64.max), radix: 16) }
    ) {
        (self.client, self.lanes, self.newEpoch) = (client, lanes, newEpoch)
        self.topology = topology.partition(0)
        known = Known(Set(0..<max(1, count)))
    }

    /// One partition as a whole queue.
    init(only queue: StageQueue) {
        (client, topology) = (queue.client, queue.topology.partition(0))
        (lanes, newEpoch) = (queue.lanes, queue.newEpoch)
        known = Known([queue.topology.partition])
        known.state.withLock { $0.queues[queue.topology.partition] = queue }
    }

    /// The partition that jobs of this number belong to, once it is known.
    public subscript(partition: Int) -> StageQueue {
        known.state.withLock { state in
            if let queue = state.queues[partition] { return queue }
            let queue = StageQueue(
                client: client, topology: topology.partition(partition), lanes: lanes, newEpoch: newEpoch)
            state.queues[partition] = queue
            return queue
        }
    }

    /// The known partitions, in order. Views, pauses and workers are about these.
    public var partitions: [Int] { known.state.withLock { $0.partitions.sorted() } }

    /// Whether there is more than one.
    var isDivided: Bool { known.state.withLock { $0.partitions.count > 1 } }

    /// Makes exactly these the known partitions. Workers take up what is new, and leave what is gone once
    /// they hold nothing of it.
    public func know(_ partitions: Set<Int>) {
        known.state.withLock { state in
            guard !partitions.isEmpty, partitions != state.partitions else { return }
            state.partitions = partitions
            for listener in state.listeners.values { listener.yield(partitions) }
        }
    }

    /// The known partitions now, and at every change.
    var changes: AsyncStream<Set<Int>> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let known = known
            let id = known.state.withLock { state in
                state.nextListener += 1
                state.listeners[state.nextListener] = continuation
                continuation.yield(state.partitions)
                return state.nextListener
            }
            continuation.onTermination = { _ in known.state.withLock { $0.listeners[id] = nil } }
        }
    }
}

extension PartitionedQueue {
    /// As ``StageQueue/dispatch(_:)-(Dispatch)``, in the dispatch's partition.
    @discardableResult
    public func dispatch(_ dispatch: Dispatch) async throws(QueueError) -> DispatchOutcome {
        try await self[dispatch.partition].dispatch(dispatch)
    }

    /// As ``StageQueue/dispatch(_:)-([Dispatch])``, each in its partition, all partitions at the same time.
    ///
    /// - Throws: what befell the first partition that failed, once the others are done.
    public func dispatch(_ dispatches: [Dispatch]) async throws(QueueError) -> [DispatchOutcome] {
        let byPartition = Dictionary(grouping: dispatches.indices) { dispatches[$0].partition }
        if byPartition.count <= 1 {
            return dispatches.isEmpty ? [] : try await self[dispatches[0].partition].dispatch(dispatches)
        }
        let answers = try await each(byPartition.keys.sorted()) { queue, partition throws(QueueError) in
            let indices = byPartition[partition] ?? []
            return Array(zip(indices, try await queue.dispatch(indices.map { dispatches[$0] })))
        }
        var outcomes = [DispatchOutcome](repeating: .dispatched, count: dispatches.count)
        for (index, outcome) in answers.joined() { outcomes[index] = outcome }
        return outcomes
    }

    /// As ``dispatch(_:)-([Dispatch])``, but what befalls one partition is that one's answer. One answer for each partition that
    /// is dispatched to.
    public func dispatchEach(_ dispatches: [Dispatch]) async -> [Result<[DispatchOutcome], QueueError>] {
        let byPartition = Dictionary(grouping: dispatches, by: \.partition)
        return await outcomes(in: byPartition.keys.sorted()) { queue, partition throws(QueueError) in
            try await queue.dispatch(byPartition[partition] ?? [])
        }
    }

    /// As ``StageQueue/promote(atMost:)``, in every partition.
    public func promote(atMost limit: Int = 500) async throws(QueueError) -> (moved: Int, nextDue: Duration?) {
        let answers = try await each(partitions) { queue, _ throws(QueueError) in try await queue.promote(atMost: limit)
        }
        return (answers.reduce(0) { $0 + $1.moved }, answers.compactMap(\.nextDue).min())
    }

    /// As ``StageQueue/setPaused(stages:everything:)``, in every partition.
    public func setPaused(stages: Set<Stage>, everything: Bool) async throws(QueueError) {
        _ = try await each(partitions) { queue, _ throws(QueueError) in
            try await queue.setPaused(stages: stages, everything: everything)
        }
    }

    /// As ``StageQueue/removeConsumer(_:)``, in every partition.
    public func removeConsumer(_ name: String) async throws(QueueError) -> Int {
        try await each(partitions) { queue, _ throws(QueueError) in try await queue.removeConsumer(name) }.reduce(0, +)
    }

    /// As ``StageQueue/checkServer()``, of every server that has a part of the queue.
    public func checkServer() async throws(QueueError) -> [ServerFinding] { try await self[0].checkServer() }

    /// As ``StageQueue/depth()``, of all partitions together.
    public func depth() async throws(QueueError) -> QueueDepth {
        QueueDepth(adding: try await each(partitions) { queue, _ throws(QueueError) in try await queue.depth() })
    }

    /// As ``StageQueue/forget(_:)``, wherever they are.
    public func forget(_ references: [JobReference]) async throws(QueueError) -> [Bool] {
        let answers = try await each(partitions) { queue, _ throws(QueueError) in try await queue.forget(references) }
        return references.indices.map { index in answers.contains { $0[index] } }
    }

    /// As ``StageQueue/live(_:)``, wherever they are.
    public func live(_ references: [JobReference]) async throws(QueueError) -> [LiveDelivery?] {
        let answers = try await each(partitions) { queue, _ throws(QueueError) in try await queue.live(references) }
        return references.indices.map { index in answers.lazy.compactMap { $0[index] }.first }
    }

    /// As ``StageQueue/consumers()``, of all partitions together.
    public func consumers() async throws(QueueError) -> [Consumer] {
        let all = try await each(partitions) { queue, _ throws(QueueError) in try await queue.consumers() }.joined()
        return Dictionary(grouping: all, by: \.name).map { name, parts in
            Consumer(
                name: name, idle: parts.map(\.idle).min() ?? .zero, inHand: parts.reduce(0) { $0 + $1.inHand })
        }.sorted { $0.name < $1.name }
    }

    /// As ``StageQueue/deadLetters(offset:limit:)``, of all partitions together.
    public func deadLetters(
        offset: Int = 0, limit: Int = 100
    ) async throws(QueueError) -> (page: [DeadLetter], total: Int) {
        let answers = try await each(partitions) { queue, _ throws(QueueError) in
            try await queue.deadLetters(offset: 0, limit: offset + limit)
        }
        let page = answers.flatMap(\.page).sorted { $0.buried > $1.buried }.dropFirst(offset).prefix(limit)
        return (Array(page), answers.reduce(0) { $0 + $1.total })
    }

    /// Which life of Redis each known partition is in; without those whose Redis is away.
    ///
    /// - Throws: what befell the first partition, if none answers.
    public func epochs() async throws(QueueError) -> [Int: String] {
        let partitions = partitions
        let answers = await outcomes(in: partitions) { queue, _ throws(QueueError) in try await queue.epoch().epoch }
        var epochs: [Int: String] = [:]
        for (partition, answer) in zip(partitions, answers) {
            if case .success(let epoch) = answer { epochs[partition] = epoch }
        }
        if epochs.isEmpty, let first = answers.first { _ = try first.get() }
        return epochs
    }

    /// Does the same in some partitions at the same time, and answers in their order.
    ///
    /// - Throws: what befell the first of them that failed, once all are done.
    private func each<Answer: Sendable>(
        _ partitions: [Int], _ body: @escaping @Sendable (StageQueue, Int) async throws(QueueError) -> Answer
    ) async throws(QueueError) -> [Answer] {
        var answers: [Answer] = []
        for outcome in await outcomes(in: partitions, body) { answers.append(try outcome.get()) }
        return answers
    }

    private func outcomes<Answer: Sendable>(
        in partitions: [Int], _ body: @escaping @Sendable (StageQueue, Int) async throws(QueueError) -> Answer
    ) async -> [Result<Answer, QueueError>] {
        let answers = await withTaskGroup(of: (Int, Result<Answer, QueueError>).self) { group in
            for partition in partitions {
                group.addTask {
                    do throws(QueueError) {
                        return (partition, .success(try await body(self[partition], partition)))
                    } catch {
                        return (partition, .failure(error))
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return partitions.compactMap { answers[$0] }
    }
}

extension QueueDepth {
    /// Several partitions' depths as one.
    init(adding depths: [QueueDepth]) {
        let first = depths.first
        lines = (first?.lines ?? []).map { line in
            let same = depths.flatMap(\.lines).filter { $0.stage == line.stage && $0.priority == line.priority }
            return Line(
                stage: line.stage, priority: line.priority, ready: same.reduce(0) { $0 + $1.ready },
                inHand: same.reduce(0) { $0 + $1.inHand }, waiting: same.reduce(0) { $0 + $1.waiting },
                oldest: same.compactMap(\.oldest).max())
        }
        delayed = depths.reduce(into: [:]) { $0.merge($1.delayed, uniquingKeysWith: +) }
        dead = depths.reduce(into: [:]) { $0.merge($1.dead, uniquingKeysWith: +) }
        paused = depths.reduce(into: []) { $0.formUnion($1.paused) }
    }
}
