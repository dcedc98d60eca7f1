import Redis

/// Blocks at the ends of the streams on a connection of its own, and wakes the worker's loop when something comes.
///
/// It only rings: what is there is taken by the fetch script, so a bell that rings for nothing costs one look, and one
/// that misses something costs at most the time it waits.
final class Bell: Sendable {
    private enum Wish: Sendable {
        case listen(Doorbell, upTo: Duration)
        case sleep(Duration)
    }

    private let client: RedisClient
    private let contact: RedisContact
    private let wake: @Sendable () -> Void
    private let spread: @Sendable () -> Double
    private let wishes: AsyncStream<Wish>
    private let wish: AsyncStream<Wish>.Continuation

    init(
        client: RedisClient, contact: RedisContact, spread: @escaping @Sendable () -> Double,
        wake: @escaping @Sendable () -> Void
    ) {
        (self.client, self.contact, self.spread, self.wake) = (client, contact, spread, wake)
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Wakes the loop when anything comes after these ends, and in any case after so long.
    func listen(at ends: Doorbell, upTo time: Duration) { wish.yield(.listen(ends, upTo: time)) }

    /// Wakes the loop after so long.
    func sleep(_ duration: Duration) { wish.yield(.sleep(duration)) }

    /// Works until cancelled.
    func run() async {
        var connection: RedisConnection?
        var backoff = Backoff()
        for await wish in wishes {
            switch wish {
            case .sleep(let duration):
                try? await Task.sleep(for: duration)
            case .listen(let ends, let time):
                do throws(RedisError) {
                    let open: RedisConnection
                    if let connection { open = connection } else { open = try await client.makeBlockingConnection() }
                    connection = open
                    _ = try await open.send(Self.command(ends, time))
                    contact.answered()
                    backoff.reset()
                } catch {
                    // The stream went away while it was listened at: the loop's next look finds out why.
                    if error.replyCode == "UNBLOCKED" { break }
                    await connection?.close()
                    connection = nil
                    contact.failed(QueueError("doorbell", error))
                    try? await Task.sleep(for: backoff.next(spread: spread()))
                }
            }
            wake()
        }
        await connection?.close()
    }

    private static func command(_ ends: Doorbell, _ time: Duration) -> RedisCommand {
        RedisCommand(
            "XREAD",
            arguments: [
                "COUNT", 1, "BLOCK", RedisArgument(max(1, time.milliseconds)), "STREAMS",
            ] + ends.positions.map { RedisArgument($0.stream) } + ends.positions.map { RedisArgument($0.last) })
    }
}
