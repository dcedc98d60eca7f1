import Redis
import Synchronization

/// Waits at the ends of the streams for something to come, and takes it, on a connection of its own.
///
/// The blocking read and the fetch script leave in one write: Redis runs the script in the moment that the read ends, so
/// the doorbell costs no second round trip. The read itself takes nothing: priorities, limits and pauses are the script's.
final class Bell: Sendable {
    private struct State {
        /// With Redis' number of it.
        var line: (connection: RedisConnection, id: Int64)?
        var isWaiting = false
        var cuts = 0
    }
    private let state = Mutex(State())
    private let queue: StageQueue

    init(queue: StageQueue) { self.queue = queue }

    /// How often the wait was cut. Whoever has read this, and then found no reason not to wait, gives it to
    /// ``fetch(after:upTo:unless:_:)``, so that no cut falls in between.
    var cuts: Int { state.withLock(\.cuts) }

    /// Waits until something comes after these ends, ``cut()`` is called or so long has passed, and then fetches.
    ///
    /// - Returns: nil, having taken nothing, when there was another cut than these, or Redis no longer had the script.
    func fetch(
        after ends: Doorbell, upTo time: Duration, unless cuts: Int, _ arguments: [RedisArgument]
    ) async throws(QueueError) -> FetchAnswer? {
        do throws(RedisError) {
            let connection = try await open()
            let mayWait = state.withLock { state in
                state.isWaiting = state.cuts == cuts
                return state.isWaiting
            }
            guard mayWait else { return nil }
            defer { state.withLock { $0.isWaiting = false } }
            let script = queue.scripts.fetch.command(
                keys: queue.scripts.keys, arguments: queue.scripts.head + arguments)
            let replies = try await connection.pipeline([Self.wait(ends, time), script])
            // The read may have failed, because the stream went away while it waited: the script finds out why.
            if case .failure(let error) = replies[1], error.replyCode == "NOSCRIPT" { return nil }
            return try queue.fetchAnswer(replies[1].get())
        } catch {
            await close()
            throw QueueError("doorbell", error)
        }
    }

    /// Ends the present wait, if there is one.
    func cut() async {
        state.withLock { $0.cuts += 1 }
        // The wait may not have reached Redis yet. If Redis is away or refuses, it ends by itself, a little later.
        while let id = state.withLock({ $0.isWaiting ? $0.line?.id : nil }) {
            let reply = try? await queue.client.send(
                RedisCommand("CLIENT", "UNBLOCK", RedisArgument(id)), toServerOf: queue.topology.liveKey)
            guard case .integer(0) = reply else { return }
            guard (try? await Task.sleep(for: .milliseconds(1))) != nil else { return }
        }
    }

    func close() async {
        let line = state.withLock { state in
            defer { state.line = nil }
            return state.line
        }
        await line?.connection.close()
    }

    private func open() async throws(RedisError) -> RedisConnection {
        if let line = state.withLock(\.line), line.connection.isOpen { return line.connection }
        let connection = try await queue.client.makeBlockingConnection(for: queue.topology.liveKey)
        let id = try await connection.send(RedisCommand("CLIENT", "ID")).integer()
        state.withLock { $0.line = (connection, id) }
        return connection
    }

    private static func wait(_ ends: Doorbell, _ time: Duration) -> RedisCommand {
        RedisCommand(
            "XREAD",
            arguments: [
                "COUNT", 1, "BLOCK", RedisArgument(max(1, time.milliseconds)), "STREAMS",
            ] + ends.positions.map { RedisArgument($0.stream) } + ends.positions.map { RedisArgument($0.last) })
    }
}
