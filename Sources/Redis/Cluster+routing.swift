import NIOCore

/// One command on its way through the cluster.
private struct Errand: Sendable {
    let index: Int
    let command: RedisCommand
    let slot: HashSlot?
    /// Where a server said that it should go; nil: to whoever has the slot.
    var target: RedisConfiguration.Address?
    var isAsking = false
}

extension Cluster {
    /// So often one command is sent on, before somebody must be wrong.
    private static let longestWay = 16

    /// Sends each command to the server that has its keys, and follows it where that server sends it. Commands to one server leave in one write,
    /// in order; between servers there is no order.
    ///
    /// What was certainly not done is tried again until `connectTimeout` has passed, so that a failover is waited for; what may have been done
    /// is not.
    ///
    /// - Throws: before anything is sent, if a command can't be placed.
    func replies(to commands: [RedisCommand]) async throws(RedisError) -> [Result<RedisReply, RedisError>] {
        var open: [Errand] = []
        open.reserveCapacity(commands.count)
        for (index, command) in commands.enumerated() {
            open.append(Errand(index: index, command: command, slot: try command.slot()))
        }
        let deadline = NIODeadline.now() + TimeAmount(configuration.commandTimeout)
        let giveUp = NIODeadline.now() + TimeAmount(min(configuration.connectTimeout, configuration.commandTimeout))
        var results = [Result<RedisReply, RedisError>](
            repeating: .failure(RedisError(.connectionFailed, "not sent")), count: commands.count)
        var (way, failures) = (0, 0)
        while !open.isEmpty {
            var (next, troubles): ([Errand], [(Errand, RedisError)]) = ([], [])
            for (errand, result) in await send(open, deadline: deadline) {
                switch verdict(on: result, of: errand) {
                case .final: results[errand.index] = result
                case .elsewhere(let redirected): next.append(redirected)
                case .later(let error): troubles.append((errand, error))
                }
            }
            way += 1
            if way > Self.longestWay {
                for errand in next {
                    results[errand.index] = .failure(
                        RedisError(
                            .connectionFailed, command: errand.command.summary,
                            "it was sent from server to server \(way) times: the Redis Cluster does not agree who has its slot"
                        ))
                }
                next = []
            }
            if !troubles.isEmpty {
                var mayHelp = NIODeadline.now() < giveUp
                if mayHelp { mayHelp = await pause(after: failures, until: giveUp) }
                if mayHelp {
                    next += troubles.map { Errand(index: $0.0.index, command: $0.0.command, slot: $0.0.slot) }
                } else {
                    for (errand, error) in troubles { results[errand.index] = .failure(error) }
                }
                failures += 1
            }
            open = next
        }
        return results
    }

    /// Sends one round, each server's share in one write.
    private func send(_ errands: [Errand], deadline: NIODeadline) async -> [(Errand, Result<RedisReply, RedisError>)] {
        var shares: [(node: RedisNode, errands: [Errand])] = []
        var answers: [(Errand, Result<RedisReply, RedisError>)] = []
        for errand in errands {
            do throws(RedisError) {
                let node = try await destination(of: errand)
                if let last = shares.indices.last, shares[last].node === node {
                    shares[last].errands.append(errand)
                } else if let index = shares.firstIndex(where: { $0.node === node }) {
                    shares[index].errands.append(errand)
                } else {
                    shares.append((node, [errand]))
                }
            } catch {
                answers.append((errand, .failure(error)))
            }
        }
        if let only = shares.first, shares.count == 1 {
            return answers + (await ask(only.node, only.errands, deadline: deadline))
        }
        await withTaskGroup(of: [(Errand, Result<RedisReply, RedisError>)].self) { group in
            for share in shares {
                group.addTask { await self.ask(share.node, share.errands, deadline: deadline) }
            }
            for await some in group { answers += some }
        }
        return answers
    }

    private func destination(of errand: Errand) async throws(RedisError) -> RedisNode {
        if let target = errand.target { return try node(at: target) }
        if let node = try node(for: errand.slot) { return node }
        try await refresh()
        if let node = try node(for: errand.slot) { return node }
        throw RedisError(
            .connectionFailed, command: errand.command.summary, "no server of the Redis Cluster has its slot")
    }

    private func ask(
        _ node: RedisNode, _ errands: [Errand], deadline: NIODeadline
    ) async -> [(Errand, Result<RedisReply, RedisError>)] {
        var commands: [RedisCommand] = []
        commands.reserveCapacity(errands.count)
        for errand in errands {
            // In the same write: it holds for the next command of this connection only.
            if errand.isAsking { commands.append(RedisCommand("ASKING")) }
            commands.append(errand.command)
        }
        do throws(RedisError) {
            var replies = try await node.replies(to: commands, deadline: deadline)[...]
            reached(node.address)
            return errands.map { errand in
                if errand.isAsking { replies = replies.dropFirst() }
                guard let reply = replies.popFirst() else {
                    return (errand, .failure(RedisReply.null.unexpected("a reply")))
                }
                return (Self.from(node.address, errand), errand.command.checked(reply))
            }
        } catch {
            if error.isConnectionLoss { refreshSoon() }
            return errands.map { (Self.from(node.address, $0), .failure(error)) }
        }
    }

    /// Remembers whom it was sent to, which redirections may refer to.
    private static func from(_ address: Address, _ errand: Errand) -> Errand {
        var errand = errand
        errand.target = address
        return errand
    }

    private enum Verdict {
        case final
        case elsewhere(Errand)
        case later(RedisError)
    }

    private func verdict(on result: Result<RedisReply, RedisError>, of errand: Errand) -> Verdict {
        guard case .failure(let error) = result else { return .final }
        guard error.code == .replyError else {
            // Never written, so it can't have been done. A server that has been away for long is no longer waited for.
            guard !error.mayHaveRun, error.code == .connectionFailed || error.code == .connectionClosed else {
                return .final
            }
            let patience = TimeAmount(configuration.connectTimeout)
            return couldNotReach(errand.target) >= patience ? .final : .later(error)
        }
        guard let origin = errand.target, let redirection = Redirection(error.message, from: origin) else {
            return .final
        }
        var errand = errand
        switch redirection {
        case .moved(let slot, let address):
            moved(slot, to: address)
            (errand.target, errand.isAsking) = (address, false)
            return .elsewhere(errand)
        case .ask(let address):
            (errand.target, errand.isAsking) = (address, true)
            return .elsewhere(errand)
        case .later:
            return .later(error)
        }
    }

    /// Waits a little, and for the newest map. False if the task was cancelled.
    private func pause(after failures: Int, until end: NIODeadline) async -> Bool {
        var random: any RandomNumberGenerator = makeRandom()
        let delay = RedisBackoff(base: .milliseconds(20), cap: .milliseconds(500)).delay(
            after: failures, using: &random)
        let left = Duration.nanoseconds(max(0, (end - .now()).nanoseconds))
        do {
            try await Task.sleep(for: min(delay, left))
            try await refresh()
        } catch is CancellationError {
            return false
        } catch {
            return (error as? RedisError)?.code != .cancelled
        }
        return true
    }
}
