import Redis

extension StageQueue {
    /// Makes a delivery, ready or delayed, unless the job has a live one at that stage.
    @discardableResult
    public func dispatch(_ dispatch: Dispatch) async throws(QueueError) -> DispatchOutcome {
        let outcomes = try await self.dispatch([dispatch])
        guard let outcome = outcomes.first else { throw QueueError(.unexpectedReply, "dispatch: no answer") }
        return outcome
    }

    /// Makes many deliveries, in scripts of a few hundred each, and answers one outcome each, in order.
    ///
    /// - Throws: ``QueueError/Code/full`` while Redis has no memory for more. Some of them may then have been made;
    ///   repeating all of it is safe, and answers ``DispatchOutcome/alreadyLive`` for those.
    public func dispatch(_ dispatches: [Dispatch]) async throws(QueueError) -> [DispatchOutcome] {
        try await run(
            scripts.dispatch,
            batches: dispatches.batches(of: Self.elementsInOneBatch).map { [RedisArgument.packed($0)] },
            reading: DispatchOutcome.list)
    }

    /// Moves due deliveries of every stage to their ready streams.
    ///
    /// - Returns: how many, and how long until the next is due; nil when none is delayed.
    public func promote(atMost limit: Int = 500) async throws(QueueError) -> (moved: Int, nextDue: Duration?) {
        try await run(scripts.promote, [RedisArgument(limit)]) { reply throws(RedisError) in
            let parts = try reply.array(2)
            return (Int(try parts[0].integer()), try parts[1].optionalDuration())
        }
    }

    /// Stops stages, or everything, from being fetched, reclaimed or taken over. What is in hand goes on.
    /// This is a cache: whoever keeps the truth sets it anew with ``setPaused(stages:everything:)``.
    public func pause(_ stage: Stage) async throws(QueueError) { try await changePaused("add", [stage.name]) }
    public func pauseEverything() async throws(QueueError) {
        try await changePaused("add", [QueueTopology.everythingPaused])
    }
    public func resume(_ stage: Stage) async throws(QueueError) { try await changePaused("remove", [stage.name]) }
    /// Lifts ``pauseEverything()``; stages that are paused by themselves stay so.
    public func resumeEverything() async throws(QueueError) {
        try await changePaused("remove", [QueueTopology.everythingPaused])
    }

    /// Makes exactly this what is paused.
    public func setPaused(stages: Set<Stage>, everything: Bool) async throws(QueueError) {
        try await changePaused("set", stages.map(\.name) + (everything ? [QueueTopology.everythingPaused] : []))
    }

    private func changePaused(_ mode: String, _ names: [String]) async throws(QueueError) {
        _ = try await run(scripts.pause, [RedisArgument(mode)] + names.map { RedisArgument($0) }) {
            reply throws(RedisError) in try reply.integer()
        }
    }
}
