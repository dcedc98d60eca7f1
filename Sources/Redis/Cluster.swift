import Logging
import NIOCore
import Synchronization

/// The servers of a Redis Cluster as one client sees them: who has which slot, and a shared connection to each one that was asked so far.
final class Cluster: Sendable {
    typealias Address = RedisConfiguration.Address

    private struct State {
        var map: SlotMap?
        var nodes: [Address: RedisNode] = [:]
        /// Since when a server that has slots can't be reached; under nil, since when no server tells the map.
        var outages: [Address?: NIODeadline] = [:]
        var isClosed = false
    }

    let configuration: RedisConfiguration
    private let seeds: [Address]
    private let group: any EventLoopGroup
    private let logger: Logger
    let makeRandom: @Sendable () -> any RandomNumberGenerator
    private let tlsContext = TLSContextCache()
    private let state = Mutex(State())
    /// Lets the way of an answer that nothing went wrong before stay without the lock.
    private let hasOutages = Atomic<Bool>(false)
    private let refreshes = Coalesced<RedisError>(interval: .milliseconds(50))

    init(
        configuration: RedisConfiguration, seeds: [Address], group: any EventLoopGroup, logger: Logger,
        makeRandom: @escaping @Sendable () -> any RandomNumberGenerator
    ) {
        (self.configuration, self.seeds, self.group) = (configuration, seeds, group)
        (self.logger, self.makeRandom) = (logger, makeRandom)
    }

    func close() async {
        let nodes = state.withLock { state in
            state.isClosed = true
            defer { state.nodes = [:] }
            return Array(state.nodes.values)
        }
        for node in nodes { await node.close() }
    }

    // MARK: Who has what

    /// The node to ask, or nil while no map is known or nobody has the slot.
    ///
    /// - Parameter slot: nil: any primary.
    func node(for slot: HashSlot?) throws(RedisError) -> RedisNode? {
        let chosen: Result<RedisNode?, RedisError> = state.withLock { state in
            guard !state.isClosed else { return .failure(Self.closed) }
            guard let map = state.map else { return .success(nil) }
            let address: Address?
            if let slot { address = map.primary(of: slot) } else { address = anyPrimary(of: map, state) }
            return .success(address.map { node(at: $0, &state) })
        }
        return try chosen.get()
    }

    func node(at address: Address) throws(RedisError) -> RedisNode {
        let chosen: Result<RedisNode, RedisError> = state.withLock { state in
            state.isClosed ? .failure(Self.closed) : .success(node(at: address, &state))
        }
        return try chosen.get()
    }

    /// Every primary that has slots, as far as is known.
    var primaries: [Address] { state.withLock { $0.map?.primaries ?? [] } }

    private static let closed = RedisError(.clientClosed, "the client was closed")

    private func node(at address: Address, _ state: inout State) -> RedisNode {
        if let node = state.nodes[address] { return node }
        let node = RedisNode(
            connector: connector(to: address), patience: nil, eventLoop: group.next(), makeRandom: makeRandom)
        state.nodes[address] = node
        return node
    }

    /// One that can be reached, if there is one.
    private func anyPrimary(of map: SlotMap, _ state: State) -> Address? {
        var random = makeRandom()
        let reachable = map.primaries.filter { state.outages[$0] == nil }
        return reachable.randomElement(using: &random) ?? map.primaries.randomElement(using: &random)
    }

    func connector(to address: Address) -> Connector {
        var configuration = configuration
        (configuration.address, configuration.clusterSeeds) = (address, nil)
        return Connector(configuration: configuration, logger: logger, tlsContext: tlsContext)
    }

    // MARK: What is learnt on the way

    /// A server said that another has the slot. Whatever else has changed, the next look at the whole map tells.
    func moved(_ slot: HashSlot, to address: Address) {
        state.withLock { $0.map?.move(slot, to: address) }
        refreshSoon()
    }

    /// - Parameter address: nil: no server told who has what.
    /// - Returns: how long the server has been away.
    func couldNotReach(_ address: Address?) -> TimeAmount {
        hasOutages.store(true, ordering: .relaxed)
        return state.withLock { state in
            let since = state.outages[address] ?? .now()
            state.outages[address] = since
            return .now() - since
        }
    }

    func reached(_ address: Address) {
        guard hasOutages.load(ordering: .relaxed) else { return }
        state.withLock { state in
            state.outages[address] = nil
            if state.outages.isEmpty { hasOutages.store(false, ordering: .relaxed) }
        }
    }

    /// Asks who has which slot, without waiting for the answer.
    func refreshSoon() {
        refreshes.start { [weak self] in await self?.lookAround() }
    }

    /// Asks who has which slot, or waits for the answer to whoever is asking.
    ///
    /// - Throws: what the last server said, if none answered; `cancelled`.
    func refresh() async throws(RedisError) {
        switch await refreshes.join({ [weak self] in await self?.lookAround() }) {
        case .done(let failure?): throw failure
        case .done(nil): return
        case .cancelled: throw RedisError(.cancelled, "the task that waited for the Redis Cluster was cancelled")
        }
    }

    /// Asks the known servers, one after the other in any order, until one answers; nil if one did. Each is asked on a connection of its own:
    /// one that hangs must not take with it what others wait for on the shared one.
    private func lookAround() async -> RedisError? {
        var random = makeRandom()
        let known = state.withLock { state in
            let primaries = state.map?.primaries ?? []
            return primaries.filter { state.outages[$0] == nil }.shuffled(using: &random)
                + (seeds + primaries).filter { !primaries.contains($0) || state.outages[$0] != nil }
        }
        // A fair share of the time for each, so that one that hangs leaves some for the others.
        let patience = min(
            configuration.connectTimeout, max(.seconds(2), configuration.connectTimeout / max(1, known.count)))
        var last = RedisError(.invalidConfiguration, "no server of the Redis Cluster is named")
        for address in known {
            do throws(RedisError) {
                install(try await map(from: address, within: patience))
                return nil
            } catch {
                last = error
            }
        }
        logger.warning("redis cluster unknown", metadata: ["error": "\(last)", "asked": "\(known.count)"])
        return last
    }

    private func map(from address: Address, within patience: Duration) async throws(RedisError) -> SlotMap {
        var brief = configuration
        brief.connectTimeout = patience
        (brief.address, brief.clusterSeeds) = (address, nil)
        let connector = Connector(configuration: brief, logger: logger, tlsContext: tlsContext)
        let connection: RedisConnection
        do {
            connection = try await connector.connect(on: group.next()).get()
        } catch {
            throw error as? RedisError ?? RedisError(.connectionFailed, "\(error)")
        }
        let answer: Result<RedisReply, RedisError>
        do throws(RedisError) {
            answer = .success(
                try await connection.send(RedisCommand("CLUSTER", "SLOTS"), timeout: brief.connectTimeout))
        } catch {
            answer = .failure(error)
        }
        await connection.close()
        switch answer {
        case .success(let reply):
            let map = try SlotMap(reply, from: address)
            guard !map.isEmpty else {
                throw RedisError(.connectionFailed, "\(address) belongs to no Redis Cluster that has its slots yet")
            }
            return map
        case .failure(let error) where error.replyCode == "ERR":
            throw RedisError(
                .invalidConfiguration,
                "\(address) is no server of a Redis Cluster; without +cluster in its URL it is used as a single one: \(error.message)"
            )
        case .failure(let error): throw error
        }
    }

    private func install(_ map: SlotMap) {
        let strangers = state.withLock { state in
            guard !state.isClosed else { return [RedisNode]() }
            state.map = map
            let strangers = state.nodes.filter { !map.primaries.contains($0.key) }
            for address in strangers.keys { state.nodes[address] = nil }
            state.outages = state.outages.filter { $0.key.map(map.primaries.contains) ?? false }
            return Array(strangers.values)
        }
        for node in strangers { node.sendAway("\(node.address) has no slots any more") }
    }

    // MARK: Connections of one's own

    /// Connects to any server, for what concerns them all.
    func connectAnywhere(on eventLoop: any EventLoop) -> EventLoopFuture<RedisConnection> {
        var random = makeRandom()
        let primaries = primaries.shuffled(using: &random)
        let candidates = primaries + seeds.filter { !primaries.contains($0) }
        return connect(to: candidates[...], on: eventLoop)
    }

    private func connect(
        to candidates: ArraySlice<Address>, on eventLoop: any EventLoop
    ) -> EventLoopFuture<RedisConnection> {
        guard let first = candidates.first else {
            return eventLoop.makeFailedFuture(
                RedisError(.invalidConfiguration, "no server of the Redis Cluster is named"))
        }
        let attempt = connector(to: first).connect(on: eventLoop)
        guard candidates.count > 1 else { return attempt }
        return attempt.flatMapError { _ in self.connect(to: candidates.dropFirst(), on: eventLoop) }
    }
}
