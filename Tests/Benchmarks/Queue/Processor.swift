import Foundation
import Redis

/// Processor time so far, in seconds: of this process and of its Redis. On a busy machine it tells more than the clock.
struct Processor {
    let own: Double
    let redis: Double

    static func now(_ bench: Bench) async throws -> Processor {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let own = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }.reduce(0, +)
        let text = try await bench.client.send(RedisCommand("INFO", "cpu")).string()
        let redis = text.split(whereSeparator: \.isNewline).filter {
            $0.hasPrefix("used_cpu_sys:") || $0.hasPrefix("used_cpu_user:")
        }.compactMap { Double($0.drop { $0 != ":" }.dropFirst()) }.reduce(0, +)
        return Processor(own: own, redis: redis)
    }

    /// Runs `body` and says what it cost for each of `count`. Answers how many a second it made.
    static func rate(_ bench: Bench, _ count: Int, _ body: () async throws -> Void) async throws -> Double {
        let before = try await now(bench)
        let seconds = try await Timing.seconds(body)
        let after = try await now(bench)
        func each(_ total: Double) -> String { String(format: "%.2f", total / Double(count) * 1e6) }
        Progress.say(
            "  \(Int(Double(count) / seconds))/s; processor time each: Redis \(each(after.redis - before.redis)) µs, "
                + "ours \(each(after.own - before.own)) µs")
        return Double(count) / seconds
    }
}
