import ArtifactStores
import Fleet
import Foundation
import Ledger
import Postgres
import Production
import Redis

/// Looks at the fleet as a whole: clocks, workers, what is stopped, stuck or dead, and whether all hosts share a store.
/// Postgres is there, and migrated.
struct FleetExamination {
    let services: FleetServices

    func findings() async -> [Finding] {
        var findings: [Finding] = []
        for look in [clocks, workers, stops, stuck, dead, store] {
            do {
                findings += try await look()
            } catch {
                findings.append(Finding(what: "fleet", outcome: .failed, found: "\(error)"))
            }
        }
        return findings
    }

    /// More than this is worth mending: due times and leases are told by the servers' clocks, logs by this one.
    private static let tolerated: TimeInterval = 2

    private func clocks() async throws -> [Finding] {
        let before = Date()
        let postgres = try await services.ledger.now()
        var skews = [("Postgres", Self.skew(of: postgres, askedAt: before))]
        // Redis' absence is told elsewhere. Of a cluster's primaries the one that is furthest off is told.
        if let redis = try? await redisSkews().max(by: { abs($0) < abs($1) }) { skews.append(("Redis", redis)) }
        let text = skews.map { name, seconds in
            "\(name)' \(seconds < 0 ? "behind" : "ahead of") this host's by \(Phrases.duration(abs(seconds)))"
        }.joined(separator: ", ")
        let isWrong = skews.contains { abs($0.1) > Self.tolerated }
        return [
            Finding(
                what: "clocks", outcome: isWrong ? .warning : .ok,
                found: isWrong ? text : "this host, \(skews.map(\.0).joined(separator: " and ")) agree",
                remedy: isWrong ? "Keep the hosts' clocks in step: timedatectl set-ntp true" : nil)
        ]
    }

    private func redisSkews() async throws -> [TimeInterval] {
        let before = Date()
        return try await services.redis.sendToEveryPrimary(RedisCommand("TIME")).map { _, reply in
            let parts = try reply.array()
            guard parts.count == 2, let seconds = Double(try parts[0].string()),
                let micros = Double(try parts[1].string())
            else { return 0 }
            return Self.skew(of: Date(timeIntervalSince1970: seconds + micros / 1e6), askedAt: before)
        }
    }

    /// Half way through the question, as far as anyone can tell.
    private static func skew(of there: Date, askedAt before: Date) -> TimeInterval {
        there.timeIntervalSince(before.addingTimeInterval(Date().timeIntervalSince(before) / 2))
    }

    private func workers() async throws -> [Finding] {
        let alive = try await services.ledger.workers().filter { $0.state == "alive" }
        let waiting = try await services.ledger.count(Ledger.JobFilter(states: [.queued, .waiting]))
        var findings = Stage.allCases.map { stage in
            let mine = alive.filter { $0.stage == stage && !$0.isDraining }
            let jobs = waiting.filter { $0.stage == stage }.map(\.count).reduce(0, +)
            guard mine.isEmpty else {
                return Finding(
                    what: "\(stage.rawValue) workers", outcome: .ok,
                    found:
                        "\(mine.count) alive (\(mine.prefix(4).map(\.name).joined(separator: ", "))\(mine.count > 4 ? ", …" : ""))"
                )
            }
            return Finding(
                what: "\(stage.rawValue) workers", outcome: jobs > 0 ? .failed : .warning,
                found: "none is alive"
                    + (jobs > 0 ? ", and \(jobs) \(jobs == 1 ? "job waits" : "jobs wait") there" : ""),
                remedy: "systemctl start ytempire-\(stage.rawValue)@1, or ytempire-\(stage.rawValue)")
        }
        let others = Set(alive.map(\.version)).subtracting([Version.current])
        if !others.isEmpty {
            findings.append(
                Finding(
                    what: "versions", outcome: .warning,
                    found: "this is \(Version.current), workers run \(others.sorted().joined(separator: ", "))",
                    remedy:
                        "Install one version everywhere, then `ytempire worker drain --stage …`: systemd starts the new one."
                ))
        }
        return findings
    }

    private func stops() async throws -> [Finding] {
        try await services.ledger.pauses().map { pause in
            let option = pause.scope == "fleet" ? "" : " --\(pause.scope) \(pause.key)"
            return Finding(
                what: "stopped", outcome: .warning, found: pause.line(services.clock),
                remedy: "`ytempire start\(option)` ends it.")
        }
    }

    private func stuck() async throws -> [Finding] {
        let stuck = try await services.ledger.stuckJobs(patience: .seconds(600))
        let clock = services.clock
        return stuck.map { group in
            Finding(
                what: "stuck jobs", outcome: .warning,
                found:
                    "\(group.count) \(group.state.rawValue) at \(group.stage.rawValue), job \(group.job) since \(clock.moment(group.since))",
                remedy: group.state == .running
                    ? "Its worker is gone: `ytempire reconcile` sends it on."
                    : "More \(group.stage.rawValue) workers, or more \(group.stage.rawValue).slots; `ytempire queue inspect \(group.stage.rawValue)`."
            )
        }
    }

    private func dead() async throws -> [Finding] {
        let groups = try await services.ledger.deadLetterGroups()
        guard !groups.isEmpty else { return [Finding(what: "dead letters", outcome: .ok, found: "none")] }
        let count = groups.map(\.count).reduce(0, +)
        return [
            Finding(
                what: "dead letters", outcome: .warning,
                found: "\(count), of \(groups.count) \(groups.count == 1 ? "cause" : "different causes")",
                remedy: "`ytempire dead list` tells what to do.")
        ]
    }

    private func store() async throws -> [Finding] {
        // Told with the bucket.
        guard services.configuration.lackingOfBucket.isEmpty else { return [] }
        do {
            let mark = try services.configuration.openMark()
            guard let store = try await mark.mark(making: false) else {
                return [
                    Finding(what: "artifacts' store", outcome: .ok, found: "not there yet; the first worker makes it")
                ]
            }
            try await services.ledger.sight(store: store, at: mark.place, from: Host.name)
        } catch {
            return [
                Finding(
                    what: "artifacts' store", outcome: .warning, found: "can't be marked: \(error)",
                    remedy: "Run doctor as the workers' user.")
            ]
        }
        let sightings = try await services.ledger.storeSightings()
        let hosts = Set(try await services.ledger.workers().filter { $0.state == "alive" }.map(\.host) + [Host.name])
        let mine = sightings.filter { hosts.contains($0.host) }
        let stores = Dictionary(grouping: mine, by: \.store)
        guard stores.count <= 1 else {
            let parts = stores.values.map { seen in seen.map { "\($0.host) (\($0.path))" }.joined(separator: ", ") }
            return [
                Finding(
                    what: "artifacts' store", outcome: .failed,
                    found: "hosts see different ones: \(parts.sorted().joined(separator: " · "))",
                    remedy: "Mount one store as artifacts.path on all of them, and restart their workers.")
            ]
        }
        let unseen = hosts.subtracting(mine.map(\.host))
        return [
            Finding(
                what: "artifacts' store", outcome: unseen.isEmpty ? .ok : .warning,
                found: unseen.isEmpty
                    ? hosts.count == 1
                        ? "seen by this host, the only one" : "shared by \(hosts.sorted().joined(separator: ", "))"
                    : "nobody knows what \(unseen.sorted().joined(separator: ", ")) sees",
                remedy: unseen.isEmpty ? nil : "Run `ytempire doctor` there.")
        ]
    }
}
