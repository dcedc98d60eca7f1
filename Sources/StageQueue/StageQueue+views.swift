import Redis

extension StageQueue {
    /// How much waits where. Delayed and dead are counted by paging through them, beside the rest.
    public func depth() async throws(QueueError) -> QueueDepth {
        let pairs = topology.pairs
        let (lines, paused) = try await run(scripts.depth, []) { reply throws(RedisError) in
            let parts = try reply.array(2)
            var lines: [QueueDepth.Line] = []
            for (pair, numbers) in zip(pairs, try parts[0].groups(of: 4)) {
                let first = numbers.startIndex
                lines.append(
                    QueueDepth.Line(
                        stage: pair.stage, priority: pair.priority, ready: Int(try numbers[first].integer()),
                        inHand: Int(try numbers[first + 1].integer()), waiting: Int(try numbers[first + 3].integer()),
                        oldest: try numbers[first + 2].optionalDuration()))
            }
            var paused: Set<String> = []
            for name in try parts[1].array() { paused.insert(try name.string()) }
            return (lines, paused)
        }
        return QueueDepth(
            lines: lines, delayed: try await countByStage(topology.delayedKey),
            dead: try await countByStage(topology.deadKey), paused: paused)
    }

    /// The index of dead letters, the latest first, and how many there are in all.
    public func deadLetters(
        offset: Int = 0, limit: Int = 100
    ) async throws(QueueError) -> (page: [DeadLetter], total: Int) {
        do throws(RedisError) {
            let key = RedisArgument(topology.deadKey)
            let replies = try await client.pipeline([
                RedisCommand(
                    "ZRANGE", key, RedisArgument(offset), RedisArgument(offset + limit - 1), "REV", "WITHSCORES"),
                RedisCommand("ZCARD", key),
            ])
            var page: [DeadLetter] = []
            for pair in try replies[0].get().groups(of: 2) {
                guard let member = DeliveryCoding.read(key: try pair[pair.startIndex].bytes()),
                    let stage = topology.stage(code: member.stage)
                else { continue }
                page.append(
                    DeadLetter(
                        reference: JobReference(job: member.job, stage: stage),
                        buried: try pair[pair.startIndex + 1].integer()))
            }
            return (page, Int(try replies[1].get().integer()))
        } catch {
            throw QueueError("dead letters", error)
        }
    }

    /// Takes jobs out of the index of dead letters, when a person has dropped them. A dispatch does so by itself.
    ///
    /// - Returns: one each, in order: whether it was there.
    public func forget(_ references: [JobReference]) async throws(QueueError) -> [Bool] {
        try await run(
            scripts.forget,
            batches: references.batches(of: Self.elementsInOneBatch).map {
                $0.map { RedisArgument(bytes: DeliveryCoding.key($0)) }
            }, reading: RedisReply.flags)
    }

    /// Where jobs' live deliveries are, one each, in order; nil where there is none.
    public func live(_ references: [JobReference]) async throws(QueueError) -> [LiveDelivery?] {
        try await run(
            scripts.whereabouts,
            batches: references.batches(of: Self.elementsInOneBatch).map {
                $0.map { RedisArgument(bytes: DeliveryCoding.key($0)) }
            }
        ) { reply throws(RedisError) in
            var places: [LiveDelivery?] = []
            for element in try reply.array() { places.append(try liveDelivery(element)) }
            return places
        }
    }

    /// The workers' consumers of the stages' groups, by name; not the one in which the queue sets entries aside.
    public func consumers() async throws(QueueError) -> [Consumer] {
        var byName: [String: Consumer] = [:]
        do throws(RedisError) {
            let replies = try await client.pipeline(
                topology.pairs.map {
                    RedisCommand(
                        "XINFO", "CONSUMERS", RedisArgument(topology.readyKey($0.stage, $0.priority)),
                        RedisArgument(topology.group))
                })
            for reply in replies {
                // A stream that does not exist, or has no group, has no consumers.
                if case .failure(let error) = reply, error.replyCode == "NOGROUP" || error.replyCode == "ERR" {
                    continue
                }
                for element in try reply.get().array() {
                    let facts = try element.dictionary()
                    guard let name = try facts["name"]?.string(), !name.hasPrefix("~"),
                        let idle = try facts["idle"]?.integer(),
                        let pending = try facts["pending"]?.integer()
                    else { continue }
                    let other = byName[name]
                    byName[name] = Consumer(
                        name: name, idle: min(.milliseconds(idle), other?.idle ?? .milliseconds(idle)),
                        inHand: Int(pending) + (other?.inHand ?? 0))
                }
            }
        } catch {
            throw QueueError("consumers", error)
        }
        return byName.values.sorted { $0.name < $1.name }
    }

    private func liveDelivery(_ reply: RedisReply) throws(RedisError) -> LiveDelivery? {
        let parts = try reply.array(3)
        let value = try parts[0].bytes()
        let stands = try parts[1].integer() == 1
        guard let first = value.first else { return nil }
        let isDelayed = first == UInt8(ascii: "*")
        let isWaiting = first == UInt8(ascii: "+")
        let code = isDelayed || isWaiting ? value.dropFirst().first ?? 0 : first
        guard let priority = topology.priority(code: code) else {
            return nil
        }
        guard stands else { return LiveDelivery(place: .nowhere, priority: priority, ownerMark: nil) }
        if isWaiting { return LiveDelivery(place: .waiting, priority: priority, ownerMark: nil) }
        if isDelayed {
            return LiveDelivery(place: .delayed(until: try parts[2].integer()), priority: priority, ownerMark: nil)
        }
        let rest = value.dropFirst()
        guard let entryID = StreamEntryID(decimal: rest.prefix { $0 != UInt8(ascii: " ") }) else { return nil }
        let mark = rest.drop { $0 != UInt8(ascii: " ") }.dropFirst()
        return LiveDelivery(place: .ready(entryID), priority: priority, ownerMark: mark.isEmpty ? nil : Array(mark))
    }

    private func countByStage(_ key: String) async throws(QueueError) -> [Stage: Int] {
        var counts = Dictionary(uniqueKeysWithValues: topology.stages.map { ($0, 0) })
        var cursor = "0"
        do throws(RedisError) {
            repeat {
                let reply = try await client.send(
                    RedisCommand("ZSCAN", RedisArgument(key), RedisArgument(cursor), "COUNT", 1000))
                let parts = try reply.array(2)
                cursor = try parts[0].string()
                for pair in try parts[1].groups(of: 2) {
                    guard let code = try pair[pair.startIndex].bytes().first, let stage = topology.stage(code: code)
                    else { continue }
                    counts[stage, default: 0] += 1
                }
            } while cursor != "0"
        } catch {
            throw QueueError("depth", error)
        }
        return counts
    }
}
