import Foundation
import Synchronization

/// A Redis Cluster of the tests' own on ports of 127.0.0.1: some primaries with a replica each, which notice a death within about a second and
/// promote. It dies with the tests.
package final class PrivateRedisCluster: Sendable {
    package struct Options: Sendable {
        package var primaries = 3
        /// After how long without an answer the others take a server for dead.
        package var nodeTimeout: Duration = .milliseconds(1_000)
        /// What clients must say, and servers say to each other.
        package var password: String?

        package init() {}
    }

    /// One of its servers. The first half begin as primaries.
    package struct Node: Sendable, Hashable {
        package let port: Int
        fileprivate let index: Int
    }

    package let nodes: [Node]
    private let options: Options
    private let folders: [ServerFolder]
    private let processes: Mutex<[ServerProcess]>
    private let program: String

    /// As a configuration has it: every server is named, any suffices.
    package var url: String {
        let user = options.password.map { ":\($0)@" } ?? ""
        return "redis+cluster://\(user)" + nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    }

    /// Throws, with the command that installs it, if Redis or its command line is missing.
    package static func start(_ options: Options = Options()) async throws -> PrivateRedisCluster {
        _ = try ServerProcess.find("redis-cli", package: "redis-tools")
        // Its ports were free a moment ago; another test may have taken one since.
        for _ in 0..<3 {
            let cluster = try PrivateRedisCluster(options)
            if try await cluster.areAllUp() {
                try await cluster.form()
                return cluster
            }
        }
        throw ServerError("the servers of a Redis Cluster did not come up")
    }

    private init(_ options: Options) throws {
        self.options = options
        program = try ServerProcess.find("redis-server", package: "redis-server")
        var nodes: [Node] = []
        while nodes.count < options.primaries * 2 {
            let port = try PrivateRedis.freePort()
            // The cluster's own bus is 10,000 above.
            if port <= 55_000, !nodes.contains(where: { $0.port == port }) {
                nodes.append(Node(port: port, index: nodes.count))
            }
        }
        self.nodes = nodes
        folders = try nodes.map { _ in try ServerFolder() }
        let (program, folders) = (program, folders)
        processes = Mutex(
            try nodes.map {
                try ServerProcess(program, Self.arguments($0, folders[$0.index], options), in: folders[$0.index])
            })
    }

    private static func arguments(_ node: Node, _ folder: ServerFolder, _ options: Options) -> [String] {
        let (seconds, attoseconds) = options.nodeTimeout.components
        var settings = [
            ("port", "\(node.port)"), ("bind", "127.0.0.1"), ("dir", folder.path), ("save", ""), ("appendonly", "no"),
            ("cluster-enabled", "yes"),
            ("cluster-node-timeout", "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)"),
            // However long it has not heard from its primary: on a busy machine that may be a while.
            ("cluster-replica-validity-factor", "0"), ("repl-diskless-sync-delay", "0"),
            ("enable-debug-command", "yes"),
            ("cluster-allow-replica-migration", "no"),
        ]
        if let password = options.password { settings += [("requirepass", password), ("masterauth", password)] }
        return settings.flatMap { ["--\($0.0)", $0.1] }
    }

    private func areAllUp() async throws -> Bool {
        for node in nodes {
            let isUp = await eventually(within: .seconds(10)) {
                (try? await self.ask(node, ["PING"]))?.hasPrefix("PONG") == true
            }
            if !isUp { return false }
        }
        return true
    }

    private func form() async throws {
        let addresses = nodes.map { "127.0.0.1:\($0.port)" }
        _ = try await ask(
            nodes[0], ["--cluster", "create"] + addresses + ["--cluster-replicas", "1", "--cluster-yes"])
        try await untilWhole()
    }

    // MARK: What a test does to it

    /// kill -9 of one server. Returns once it is dead: its connections are closed.
    package func kill(_ node: Node) async {
        let running = processes.withLock { $0[node.index] }
        await running.kill()
    }

    /// Sends any signal, e.g. SIGSTOP and SIGCONT.
    package func signal(_ signal: Int32, to node: Node) {
        processes.withLock { $0[node.index].signal(signal) }
    }

    /// Starts a killed server again, which finds its place by what the cluster wrote to its folder, and no data.
    package func restart(_ node: Node) throws {
        try processes.withLock { running in
            running[node.index] = try ServerProcess(
                program, Self.arguments(node, folders[node.index], options), in: folders[node.index],
                after: running[node.index])
        }
    }

    /// Kills the primary that has the key's slot and waits until its replica has taken over and the cluster is whole again.
    ///
    /// - Returns: the dead one.
    @discardableResult package func failOver(_ key: String) async throws -> Node {
        let primary = try await self.primary(of: key)
        await kill(primary)
        try await untilServed(key, byOtherThan: primary)
        return primary
    }

    /// Waits until the living agree that another than the given one has the key, and that nothing is missing.
    package func untilServed(_ key: String, byOtherThan node: Node) async throws {
        let isServed = await eventually(within: .seconds(60)) {
            guard let now = try? await self.primary(of: key), now != node else { return false }
            return await self.isOK(except: node)
        }
        if !isServed { throw ServerError("no replica took over from 127.0.0.1:\(node.port) within 60 s") }
    }

    /// Waits until all live, all slots are served, and every replica follows its primary.
    package func untilWhole() async throws {
        let isWhole = await eventually(within: .seconds(60)) {
            guard await self.isOK(except: nil) else { return false }
            for node in self.nodes {
                let role = (try? await self.ask(node, ["ROLE"])) ?? ""
                if role.hasPrefix("slave"), !role.contains("connected") || role.contains("connecting") { return false }
            }
            return true
        }
        if !isWhole { throw ServerError("the Redis Cluster did not become whole within 60 s") }
    }

    private func isOK(except dead: Node?) async -> Bool {
        for node in nodes where node != dead {
            guard (try? await ask(node, ["CLUSTER", "INFO"]))?.contains("cluster_state:ok") == true else {
                return false
            }
        }
        return true
    }

    /// Who has the key's slot, as the others see it.
    package func primary(of key: String) async throws -> Node {
        for node in nodes {
            guard let slot = try? await slot(of: key, at: node),
                let rows = try? await ask(node, ["CLUSTER", "NODES"]).split(separator: "\n")
            else { continue }
            for row in rows {
                let words = row.split(separator: " ")
                guard words.count > 8, !words[2].contains("fail"), words[2].contains("master") else { continue }
                let hasSlot = words[8...].contains { range in
                    let ends = range.split(separator: "-").compactMap { Int($0) }
                    return ends.count == range.split(separator: "-").count && (ends[0]...(ends.last ?? ends[0])) ~= slot
                }
                let port = words[1].split(separator: "@")[0].split(separator: ":").last.flatMap { Int($0) }
                if hasSlot, let found = nodes.first(where: { $0.port == port }) { return found }
            }
        }
        throw ServerError("no living server has the key \(key)")
    }

    package func slot(of key: String, at node: Node? = nil) async throws -> Int {
        let text = try await ask(node ?? nodes[0], ["CLUSTER", "KEYSLOT", key])
        guard let slot = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw ServerError(text) }
        return slot
    }

    /// Begins to move the key's slot: from here on its old primary answers `ASK` for keys that it doesn't have (any more).
    package func beginMoving(_ key: String, to target: Node) async throws {
        let (slot, source) = (try await slot(of: key), try await primary(of: key))
        try await ask(target, ["CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", id(of: source)])
        try await ask(source, ["CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", id(of: target)])
    }

    /// Moves the keys that are in the key's slot, without ending the move.
    package func moveKeys(of key: String, to target: Node) async throws {
        let (slot, source) = (try await slot(of: key), try await primary(of: key))
        let keys = try await ask(source, ["CLUSTER", "GETKEYSINSLOT", "\(slot)", "1000"]).split(separator: "\n")
        guard !keys.isEmpty else { return }
        let password = options.password.map { ["AUTH", $0] } ?? []
        try await ask(
            source,
            ["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "5000"] + password + ["KEYS"] + keys.map(String.init))
    }

    /// Ends the move: the old primary answers `MOVED` from now on.
    package func endMoving(_ key: String, to target: Node) async throws {
        let (slot, id) = (try await slot(of: key), try await id(of: target))
        for node in [target] + nodes {
            // Replicas learn it from their primaries.
            _ = try? await ask(node, ["CLUSTER", "SETSLOT", "\(slot)", "NODE", id])
        }
        try await untilWhole()
    }

    private func id(of node: Node) async throws -> String {
        try await ask(node, ["CLUSTER", "MYID"]).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What `redis-cli` prints when it is given these words, at one server. Throws what it prints when it fails, or when Redis refuses.
    @discardableResult package func ask(_ node: Node, _ words: [String]) async throws -> String {
        let folder = folders[node.index]
        let password = options.password.map { ["--no-auth-warning", "-a", $0] } ?? []
        let text: String = try await Self.blocking {
            // However a server hangs, the test does not.
            try folder.run(
                "timeout",
                ["10", "redis-cli", "-h", "127.0.0.1", "-p", "\(node.port)", "-e"] + password + words)
        }
        return text
    }

    /// Asks again until `condition` holds, for what no event announces: the state of other processes.
    private func eventually(within limit: Duration, _ condition: () async -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Runs what waits for other programs on a thread that may block.
    private static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}
