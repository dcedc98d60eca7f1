/// Wakes a worker's loop after a while.
final class Alarm: Sendable {
    private let wake: @Sendable () -> Void
    private let wishes: AsyncStream<Duration>
    private let wish: AsyncStream<Duration>.Continuation

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func set(_ duration: Duration) { wish.yield(duration) }

    /// Works until cancelled.
    func run() async {
        for await duration in wishes {
            try? await Task.sleep(for: duration)
            wake()
        }
    }
}
