import Failpoints
import Foundation
import Glibc
import Postgres
import Production
import Redis
import TestServers

/// Faults of all kinds, mixed by time and seed, done to a fleet that goes on making videos meanwhile.
struct Soak {
    let length: Duration
    let seed: UInt64

    private enum Blow: CaseIterable {
        case killWorker, killAtFailpoint, stopWorker, drainWorker, flushRedis, restartRedis, stopRedis, restartPostgres
        case cutRedis, cutPostgres, cutCommit, deafRedis, deafPostgres, slowRedis, coordinatorKilled, breather
    }

    /// `90s`, `10m`
    static func length(_ text: String) -> Duration? {
        guard let number = Int(text.dropLast()) else { return nil }
        return text.hasSuffix("m") ? .seconds(60 * number) : text.hasSuffix("s") ? .seconds(number) : nil
    }

    /// - Parameter say: is told each step of the plan as it is taken.
    func run(_ say: (String) -> Void) async throws -> Drill.Outcome {
        var options = FaultFleet.Options()
        options.pays = true
        return try await FaultFleet.with(options) { fleet in
            var dice = Dice(seed)
            var days = Days()
            try await fleet.addUsers(25)
            try fleet.start(each: 2)
            let start = ContinuousClock.now
            do {
                while start.duration(to: .now) < length {
                    if try await fleet.number("SELECT count(*) FROM jobs WHERE finished_at IS NULL") < 25 {
                        let day = days.next()
                        let ended = try await fleet.coordinate(day)
                        say("\(at(start)) open \(day): \(ended.status)")
                    }
                    let blow = Blow.allCases.randomElement(using: &dice) ?? .breather
                    try await strike(blow, fleet, &dice) { say("\(at(start)) \($0)") }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 50...1_500, using: &dice)))
                }
                say("\(at(start)) no more faults")
                let still = ContinuousClock.now
                try await fleet.finish(within: .seconds(180))
                return Drill.Outcome(
                    try await Oracle(fleet).check(), recovery: still.duration(to: .now).inSeconds)
            } catch {
                let story = await DrillFailure(error, in: fleet)
                throw DrillFailure("seed \(seed), at \(at(start)): \(story)")
            }
        }
    }

    private func at(_ start: ContinuousClock.Instant) -> String {
        let seconds = start.duration(to: .now).inSeconds
        return "\((seconds * 10).rounded() / 10) s"
    }

    private func strike(
        _ blow: Blow, _ fleet: FaultFleet, _ dice: inout Dice, _ say: (String) -> Void
    ) async throws {
        guard let victim = fleet.workers.randomElement(using: &dice) else { return }
        let name = victim.run.name
        let some = Duration.milliseconds(Int.random(in: 200...7_000, using: &dice))
        switch blow {
        case .killWorker:
            say("kill \(name)")
            await victim.run.kill()
        case .killAtFailpoint:
            let point = Drill.workerFailpoints.randomElement(using: &dice)?.rawValue ?? "loop"
            let rule = "\(point)=kill@\(Int.random(in: 1...6, using: &dice))"
            say("\(name) from now on: \(rule)")
            victim.arm(rule)
            await victim.run.kill()
            try await Task.sleep(for: .milliseconds(700))
            victim.arm(nil)
        case .stopWorker:
            say("stop \(name) for \(some)")
            victim.run.signal(SIGSTOP)
            try await Task.sleep(for: some)
            victim.run.signal(SIGCONT)
        case .drainWorker:
            say("drain \(name)")
            victim.run.signal(SIGTERM)
        case .flushRedis:
            say("FLUSHALL")
            _ = try await fleet.redis.send(RedisCommand("FLUSHALL"))
        case .restartRedis:
            say("restart Redis, empty")
            try await fleet.redisServer.restart()
        case .stopRedis:
            say("stop Redis for \(some)")
            fleet.redisServer.signal(SIGSTOP)
            try await Task.sleep(for: some)
            fleet.redisServer.signal(SIGCONT)
        case .restartPostgres:
            say("kill Postgres and restart it")
            try await fleet.postgres.restart()
        case .cutCommit:
            say("cut the next commit off from its answer")
            fleet.postgresProxy.set(.cutAfterSending("succeeded"))
        case .cutRedis:
            say("cut Redis off for \(some)")
            try await hold(.blackHole(nil), of: fleet.redisProxy, for: some)
        case .cutPostgres:
            say("cut Postgres off for \(some)")
            try await hold(.blackHole(nil), of: fleet.postgresProxy, for: some)
        case .deafRedis:
            say("lose Redis' answers for \(some)")
            try await hold(.blackHole(.toClient), of: fleet.redisProxy, for: some)
        case .deafPostgres:
            say("lose Postgres' answers for \(some)")
            try await hold(.blackHole(.toClient), of: fleet.postgresProxy, for: some)
        case .slowRedis:
            say("Redis answers late for \(some)")
            try await hold(.delay(.milliseconds(200)), of: fleet.redisProxy, for: some)
        case .coordinatorKilled:
            say("a coordinator without a day")
            _ = try await fleet.coordinate(nil)
        case .breather:
            say("nothing")
            try await Task.sleep(for: .seconds(2))
        }
    }

    private func hold(_ fault: FaultProxy.Fault, of proxy: FaultProxy, for time: Duration) async throws {
        proxy.set(fault)
        try await Task.sleep(for: time)
        proxy.set(.none)
    }
}
