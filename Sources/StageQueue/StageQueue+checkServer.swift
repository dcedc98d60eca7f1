import Redis

extension StageQueue {
    /// Looks for what the queue's promises depend on in the server's version and settings, in a cluster every primary's. Empty:
    /// all is well.
    ///
    /// A worker should not start while anything required is found: with an evicting policy, Redis deletes deliveries
    /// and leases as it pleases.
    public func checkServer() async throws(QueueError) -> [ServerFinding] {
        var facts: [RedisConfiguration.Address: [Substring: Substring]] = [:]
        do throws(RedisError) {
            for section: RedisArgument in ["server", "memory", "persistence"] {
                for (server, reply) in try await client.sendToEveryPrimary(RedisCommand("INFO", section)) {
                    for line in try reply.string().split(whereSeparator: \.isNewline) {
                        let parts = line.split(separator: ":", maxSplits: 1)
                        if parts.count == 2 { facts[server, default: [:]][parts[0]] = parts[1] }
                    }
                }
            }
        } catch {
            throw QueueError("check of the server", error)
        }
        if facts.count == 1, let only = facts.values.first { return Self.findings(only) }
        return facts.sorted { $0.key.description < $1.key.description }.flatMap { server, facts in
            Self.findings(facts).map { ServerFinding(severity: $0.severity, message: "\(server): \($0.message)") }
        }
    }

    /// - Parameter facts: what `INFO` says.
    static func findings(_ facts: [Substring: Substring]) -> [ServerFinding] {
        var findings: [ServerFinding] = []
        let version = facts["redis_version"] ?? "unknown"
        if version.split(separator: ".").first.flatMap({ Int($0) }) ?? 0 < 7 {
            findings.append(
                ServerFinding(
                    severity: .required,
                    message: "Redis is version \(version). The queue's scripts need 7.0 or newer: upgrade it."))
        }
        let policy = facts["maxmemory_policy"] ?? "unknown"
        if policy != "noeviction", facts["maxmemory"] != "0" {
            findings.append(
                ServerFinding(
                    severity: .required,
                    message: """
                        Redis' maxmemory-policy is \(policy): when it is full it deletes deliveries and leases. \
                        Set maxmemory-policy noeviction.
                        """))
        }
        if facts["aof_enabled"] != "1" {
            findings.append(
                ServerFinding(
                    severity: .advice,
                    message: """
                        Redis keeps no append-only file: after its restart, workers dispatch everything unfinished \
                        again. Set appendonly yes to spare them that.
                        """))
        }
        return findings
    }
}
