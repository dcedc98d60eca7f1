import Redis

extension StageQueue {
    /// Takes as many deliveries of a stage as there are free slots, never more, into the owner's hand.
    ///
    /// Ready deliveries come first, in the order of their priorities; then those of lanes that wait, lane by lane in turn.
    /// By the way it promotes due deliveries of every stage, and makes the epoch and missing groups. With no slots it
    /// does only that.
    ///
    /// - Parameter leastUrgentFirst: reads the priorities in reverse; see ``FetchRotation``.
    public func fetch(
        _ stage: Stage, slots: Int, owner: Owner, leastUrgentFirst: Bool = false, limits: StageLimits = StageLimits()
    ) async throws(QueueError) -> FetchAnswer {
        try await run(
            scripts.fetch,
            fetchArguments(
                stage, slots: slots, owner: owner, leastUrgentFirst: leastUrgentFirst, limits: limits),
            reading: fetchAnswer)
    }

    func fetchArguments(
        _ stage: Stage, slots: Int, owner: Owner, leastUrgentFirst: Bool, limits: StageLimits
    ) -> [RedisArgument] {
        taking(stage, owner, leastUrgentFirst: leastUrgentFirst) + [
            RedisArgument(max(0, slots)), RedisArgument(newEpoch()), RedisArgument(limits.fleet ?? 0),
            RedisArgument(lanes.most ?? 0), RedisArgument(limits.host?.most ?? 0),
            RedisArgument(limits.host.map { topology.hostKey($0.name) } ?? ""),
        ]
    }

    func fetchAnswer(_ reply: RedisReply) throws(RedisError) -> FetchAnswer {
        let parts = try reply.array(12)
        var positions: [Doorbell.Position] = []
        for pair in try parts[6].groups(of: 2) {
            positions.append(
                Doorbell.Position(
                    stream: try pair[pair.startIndex].string(), last: try pair[pair.startIndex + 1].streamEntryID()))
        }
        return FetchAnswer(
            deliveries: try topology.deliveries(parts[7]), anomalies: try Anomaly.list(parts[8]),
            unknown: Int(try parts[9].integer()), epoch: try parts[1].string(),
            foundNothing: try parts[2].integer() == 1, isPaused: try parts[4].integer() == 1,
            isDrained: try parts[5].integer() == 1, isLimited: try parts[10].integer() == 1,
            isCrowded: try parts[11].integer() == 1, nextDue: try parts[3].optionalDuration(),
            now: try parts[0].integer(), bell: Doorbell(positions: positions))
    }

    /// Takes deliveries of a stage that nobody has renewed for a lease. The caller makes sure that Redis has answered
    /// it without a gap for as long: otherwise owners may not have had their chance to renew.
    ///
    /// Nothing is taken from a paused stage. What this owner itself fetched but never got the answer of comes back too,
    /// so deliveries that are already in hand must be expected.
    public func reclaim(
        _ stage: Stage, slots: Int, owner: Owner, lease: Duration, from cursor: ReclaimCursor = ReclaimCursor()
    ) async throws(QueueError) -> ReclaimAnswer {
        let starts = cursor.positions ?? topology.priorities.map { _ in "0-0" }
        let arguments =
            taking(stage, owner, leastUrgentFirst: false)
            + [RedisArgument(max(0, slots)), RedisArgument(lease.milliseconds)] + starts.map { RedisArgument($0) }
        return try await run(scripts.reclaim, arguments) { reply throws(RedisError) in
            let parts = try reply.array(4)
            var positions: [String] = []
            for position in try parts[0].array() { positions.append(try position.string()) }
            return ReclaimAnswer(
                deliveries: try topology.deliveries(parts[1]), anomalies: try Anomaly.list(parts[2]),
                unknown: Int(try parts[3].integer()), cursor: ReclaimCursor(positions: positions))
        }
    }

    /// Takes what a predecessor holds of a stage, at once. The caller knows that it is dead.
    ///
    /// The predecessor may have had the owner's own name: what this owner already has in hand stays out of it. Nothing
    /// is taken from a paused stage. Call it again while ``TakeOverAnswer/isComplete`` is false, when slots are free.
    public func takeOver(
        _ stage: Stage, from predecessor: String, slots: Int, owner: Owner
    ) async throws(QueueError) -> TakeOverAnswer {
        let arguments =
            taking(stage, owner, leastUrgentFirst: false) + [RedisArgument(max(0, slots)), RedisArgument(predecessor)]
        return try await run(scripts.takeOver, arguments) { reply throws(RedisError) in
            let parts = try reply.array(4)
            return TakeOverAnswer(
                deliveries: try topology.deliveries(parts[1]), anomalies: try Anomaly.list(parts[2]),
                unknown: Int(try parts[3].integer()), isComplete: try parts[0].integer() == 1)
        }
    }

    /// Removes a consumer that is gone, from every stage. What it held is set aside for the next reclaim.
    ///
    /// - Returns: how many deliveries it held.
    @discardableResult
    public func removeConsumer(_ name: String) async throws(QueueError) -> Int {
        try await run(scripts.removeConsumer, [RedisArgument(name)]) { reply throws(RedisError) in
            Int(try reply.integer())
        }
    }

    private func taking(_ stage: Stage, _ owner: Owner, leastUrgentFirst: Bool) -> [RedisArgument] {
        let codes = topology.priorities.map(\.code)
        return [
            RedisArgument(bytes: owner.mark), RedisArgument(owner.name), RedisArgument(bytes: [stage.code]),
            RedisArgument(stage.name), RedisArgument(bytes: leastUrgentFirst ? codes.reversed() : codes),
        ]
    }
}
