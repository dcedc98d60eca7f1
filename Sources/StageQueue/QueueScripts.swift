import Redis

/// The scripts in `Scripts/`, each with the prelude and the parts that it uses put in, and what all of them are called
/// with.
struct QueueScripts: Sendable {
    let dispatch, fetch, renew, finish, bury, promote, reclaim, takeOver: RedisScript
    let removeConsumer, pause, epoch, forget, depth, whereabouts, suspect: RedisScript
    let keys: [RedisArgument]
    /// The first arguments of every script.
    let head: [RedisArgument]

    init(topology: QueueTopology, lanes: LaneLimits) {
        let (lanesPart, dispatching) = (PackageResources.lanes_lua, PackageResources.dispatching_lua)
        let (holding, freeing) = (PackageResources.holding_lua, PackageResources.freeing_lua)
        let (taking, promoting) = (PackageResources.taking_lua, PackageResources.promoting_lua)
        func script(_ name: String, _ source: [UInt8], _ parts: [UInt8]...) -> RedisScript {
            // Redis wants the line with the flags to be the first.
            let line = source.prefix { $0 != UInt8(ascii: "\n") }
            return RedisScript(
                name: name,
                source: line + [UInt8(ascii: "\n")] + PackageResources.prelude_lua + parts.joined()
                    + source.dropFirst(line.count))
        }
        dispatch = script("dispatch", PackageResources.dispatch_lua, lanesPart, dispatching)
        fetch = script("fetch", PackageResources.fetch_lua, lanesPart, taking, promoting)
        renew = script("renew", PackageResources.renew_lua, holding)
        finish = script("finish", PackageResources.finish_lua, lanesPart, dispatching, holding, freeing)
        bury = script("bury", PackageResources.bury_lua, lanesPart, holding, freeing)
        promote = script("promote", PackageResources.promote_lua, lanesPart, promoting)
        reclaim = script("reclaim", PackageResources.reclaim_lua, lanesPart, taking)
        takeOver = script("takeover", PackageResources.takeover_lua, lanesPart, taking)
        removeConsumer = script("removeconsumer", PackageResources.removeconsumer_lua)
        pause = script("pause", PackageResources.pause_lua)
        epoch = script("epoch", PackageResources.epoch_lua)
        forget = script("forget", PackageResources.forget_lua)
        depth = script("depth", PackageResources.depth_lua, lanesPart)
        whereabouts = script("whereabouts", PackageResources.whereabouts_lua, lanesPart)
        suspect = script("suspect", PackageResources.suspect_lua)

        let shared = [
            topology.liveKey, topology.delayedKey, topology.deadKey, topology.pausedKey, topology.epochKey,
            topology.lanesKey, topology.suspectsKey,
        ]
        let pairs = topology.pairs.flatMap { pair in
            [topology.readyKey(pair.stage, pair.priority), topology.waitingKey(pair.stage, pair.priority)]
        }
        keys = (shared + pairs).map { RedisArgument($0) }
        head = [
            RedisArgument(bytes: topology.pairs.flatMap { [$0.stage.code, $0.priority.code] }),
            RedisArgument(topology.group), RedisArgument(lanes.ahead ?? 0),
        ]
    }
}

extension StageQueue {
    /// Runs one transition and reads its answer.
    func run<Answer>(
        _ script: RedisScript, _ arguments: [RedisArgument],
        reading: (RedisReply) throws(RedisError) -> Answer
    ) async throws(QueueError) -> Answer {
        do throws(RedisError) {
            return try reading(await client.run(script, keys: scripts.keys, arguments: scripts.head + arguments))
        } catch {
            throw QueueError(script.name, error)
        }
    }

    /// Runs one transition in several batches, a few at a time in one write each, and reads their answers in order.
    ///
    /// - Throws: the first batch's failure, after the batches sent with it have been answered.
    func run<Answer>(
        _ script: RedisScript, batches: [[RedisArgument]], reading: (RedisReply) throws(RedisError) -> [Answer]
    ) async throws(QueueError) -> [Answer] {
        var answers: [Answer] = []
        do throws(RedisError) {
            for first in stride(from: 0, to: batches.count, by: Self.batchesInOneWrite) {
                let some = batches[first..<min(first + Self.batchesInOneWrite, batches.count)]
                let results = try await client.run(
                    script, batches: some.map { (keys: scripts.keys, arguments: scripts.head + $0) })
                for result in results { answers += try reading(result.get()) }
            }
        } catch {
            throw QueueError(script.name, error)
        }
        return answers
    }

    /// So many elements to a script keep Redis from serving others for about a millisecond.
    static let elementsInOneBatch = 256
    private static let batchesInOneWrite = 16
}

extension Array {
    /// Slices of at most `length` elements.
    func batches(of length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
