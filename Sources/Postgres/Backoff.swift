/// How long to wait before trying again: exponential, capped, jittered so that callers who failed together do not come
/// back together.
struct Backoff {
    let base: Duration
    let cap: Duration

    /// Between half the delay and all of it; `attempt` counts from 0.
    func delay(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        min(cap, base * (1 << min(attempt, 20))) * Double.random(in: 0.5...1, using: &random)
    }
}
