import Redis

extension StageQueue {
    /// Keeps deliveries in the owner's hand for another lease.
    ///
    /// - Returns: one each, in order: false when it is lost, to another owner or with Redis' memory. Lost is no reason to
    ///   stop working: the commit decides.
    public func renew(_ deliveries: [Delivery], owner: Owner) async throws(QueueError) -> [Bool] {
        try await run(
            scripts.renew,
            batches: deliveries.batches(of: Self.elementsInOneBatch).map {
                [RedisArgument(bytes: owner.mark), RedisArgument(owner.name), .packed($0, \.self)]
            }, reading: RedisReply.flags)
    }

    /// Lets go of deliveries, each in its own way, and answers one outcome each, in order.
    ///
    /// Works while Redis is full. What the owner no longer owns is left as it is, but what follows is dispatched all the
    /// same, so that whoever finds a stage committed can forward it.
    public func finish(_ endings: [Ending], owner: Owner) async throws(QueueError) -> [FinishOutcome] {
        guard endings.contains(where: \.isBurial) else { return try await settle(endings, owner) }
        var outcomes = [FinishOutcome](repeating: FinishOutcome(owned: false, dispatches: []), count: endings.count)
        let others = endings.indices.filter { !endings[$0].isBurial }
        for (index, outcome) in zip(others, try await settle(others.map { endings[$0] }, owner)) {
            outcomes[index] = outcome
        }
        let buried = endings.indices.filter { endings[$0].isBurial }
        let owned = try await run(
            scripts.bury,
            batches: buried.batches(of: Self.elementsInOneBatch).map { batch in
                [RedisArgument(bytes: owner.mark), .packed(batch, { endings[$0].delivery })]
            }, reading: RedisReply.flags)
        for (index, owned) in zip(buried, owned) { outcomes[index] = FinishOutcome(owned: owned, dispatches: []) }
        return outcomes
    }

    /// All endings but burial.
    private func settle(_ endings: [Ending], _ owner: Owner) async throws(QueueError) -> [FinishOutcome] {
        guard !endings.isEmpty else { return [] }
        let owner = RedisArgument(bytes: owner.mark)
        let answers = try await run(
            scripts.finish,
            batches: endings.batches(of: Self.elementsInOneBatch).map { batch in
                let follow = batch.flatMap { $0.dispatches }
                return [owner, .packed(batch, \.delivery, extra: { $0.dispatches.count }), .packed(follow)]
            }, reading: { reply throws(RedisError) in try reply.bytes() })
        return try FinishOutcome.list(answers, of: endings)
    }

    /// Acknowledges a stage that is done, and dispatches what follows.
    public func complete(
        _ delivery: Delivery, next: Dispatch?, owner: Owner
    ) async throws(QueueError) -> FinishOutcome {
        try await finish(delivery, .completed(next: next), owner)
    }

    /// Puts a delivery off until it is due again.
    public func retry(_ delivery: Delivery, due: Due, owner: Owner) async throws(QueueError) -> FinishOutcome {
        try await finish(delivery, .retry(due: due), owner)
    }

    /// Gives a delivery back, ready at once, at the end of its stream.
    public func release(_ delivery: Delivery, owner: Owner) async throws(QueueError) -> FinishOutcome {
        try await finish(delivery, .released, owner)
    }

    /// Ends a delivery for good. The index of dead letters takes it whoever owns it now.
    public func bury(_ delivery: Delivery, owner: Owner) async throws(QueueError) -> FinishOutcome {
        try await finish(delivery, .buried(reason: ""), owner)
    }

    /// Removes a delivery that had nothing to do, and dispatches what its job really needs.
    public func discard(
        _ delivery: Delivery, dispatching dispatches: [Dispatch] = [], owner: Owner
    ) async throws(QueueError) -> FinishOutcome {
        try await finish(delivery, .ghost(dispatching: dispatches), owner)
    }

    private func finish(
        _ delivery: Delivery, _ disposition: Disposition, _ owner: Owner
    ) async throws(QueueError) -> FinishOutcome {
        let outcomes = try await finish([Ending(delivery, disposition)], owner: owner)
        guard let outcome = outcomes.first else { throw QueueError(.unexpectedReply, "finish: no answer") }
        return outcome
    }
}
