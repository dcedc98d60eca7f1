import DiskArtifacts
import Fleet
import Foundation
import Ledger
import Media
import Postgres
import Production
import Redis
import StageQueue

/// One thing that was looked at.
struct Finding: Encodable {
    enum Outcome: String, Encodable { case ok, warning, failed }

    var what: String
    var outcome: Outcome
    var found: String
    var remedy: String?
}

/// Looks at everything the fleet needs: on this machine, at the servers, and of the other hosts.
struct Examination {
    let services: FleetServices

    func findings() async -> [Finding] {
        var findings = [configuration]
        let database = await database()
        findings.append(database)
        findings += await redis()
        if database.outcome == .ok { findings += await FleetExamination(services: services).findings() }
        findings += [await encoder(), fonts(), prices()]
        findings += await ProviderExamination(services: services).findings(ledger: database.outcome == .ok)
        findings += await folders()
        return findings
    }

    /// The account of the units, where root looks at their fleet: root may do everything itself.
    private var workers: HostAccount? {
        geteuid() == 0 && services.configuration.isInstalled ? HostAccount(named: HostAccount.ofTheUnits) : nil
    }

    private var configuration: Finding {
        let files = services.configuration.files
        let exposed = services.configuration.exposed
        let path = files.first ?? ""
        if let workers, !workers.may([.read], path) {
            return Finding(
                what: "configuration", outcome: .failed,
                found: "\(path) is not readable for the workers' account, \(HostAccount.ofTheUnits)",
                remedy: "chgrp \(HostAccount.ofTheUnits) \(path) && chmod 640 \(path)")
        }
        guard exposed.isEmpty else {
            return Finding(
                what: "configuration", outcome: .warning,
                found: "every account of this host may read \(path), where \(exposed.joined(separator: ", ")) "
                    + (exposed.count == 1 ? "stands" : "stand"),
                remedy: services.configuration.isInstalled
                    ? "Move each into a file of /etc/credstore; or chgrp \(HostAccount.ofTheUnits) \(path) && chmod 640 \(path)"
                    : "chmod o-r \(path)")
        }
        return Finding(
            what: "configuration", outcome: .ok,
            found: "version \(Version.current); "
                + (files.isEmpty ? "no file, defaults and YTEMPIRE_… variables" : files.joined(separator: ", ")))
    }

    private func database() async -> Finding {
        do {
            let plan = try await Migrator(migrations: ledgerMigrations).plan(on: services.database)
            guard plan.pending.isEmpty else {
                return Finding(
                    what: "Postgres", outcome: .failed,
                    found: "reachable, but lacks \(plan.pending.map(\.name).joined(separator: ", "))",
                    remedy: "ytempire migrate")
            }
            let version = try await services.database.query("SELECT current_setting('server_version') AS version")
            let text = try version.first?.get("version", as: String.self) ?? "?"
            return Finding(what: "Postgres", outcome: .ok, found: "version \(text), schema up to date")
        } catch {
            return Finding(
                what: "Postgres", outcome: .failed,
                found: "\(error)".replacing("Postgres: ", with: "", maxReplacements: 1),
                remedy: "Start it (Debian: apt-get install postgresql), and let database.url point to it.")
        }
    }

    private func redis() async -> [Finding] {
        do {
            let findings = try await services.queue.checkServer()
            let servers = try await services.redis.sendToEveryPrimary(RedisCommand("INFO", "server"))
            let versions = try servers.map { server in
                try server.reply.string().split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("redis_version:") }?.dropFirst(14) ?? "?"
            }
            let version = "version \(Set(versions).sorted().joined(separator: " and "))"
            return [spread(over: servers.count, version)]
                + findings.map { finding in
                    Finding(
                        what: "Redis", outcome: finding.severity == .required ? .failed : .warning,
                        found: finding.message, remedy: Self.remedy(finding))
                }
        } catch {
            return [
                Finding(
                    what: "Redis", outcome: .failed,
                    found: "\(error)".replacing("Redis ", with: "", maxReplacements: 1),
                    remedy: "Start it (Debian: apt-get install redis-server), and let redis.url point to it.")
            ]
        }
    }

    /// A single server, or a cluster with enough partitions for all its primaries.
    private func spread(over primaries: Int, _ version: String) -> Finding {
        guard services.configuration.redis.clusterSeeds != nil else {
            return Finding(what: "Redis", outcome: .ok, found: version)
        }
        let partitions = services.configuration.partitions
        let found =
            "a cluster of \(primaries) primaries, \(version); \(partitions) \(partitions == 1 ? "partition" : "partitions")"
        guard partitions < primaries else { return Finding(what: "Redis", outcome: .ok, found: found) }
        return Finding(
            what: "Redis", outcome: .warning, found: "\(found): not every primary has one",
            remedy: "Set fleet.partitions to \(2 * primaries) in all of the fleet's configurations.")
    }

    /// The commands that mend what was found, for people who know no Redis.
    private static func remedy(_ finding: ServerFinding) -> String? {
        if finding.message.contains("maxmemory-policy") {
            return "redis-cli config set maxmemory-policy noeviction && redis-cli config rewrite"
        }
        if finding.message.contains("append-only") {
            return "redis-cli config set appendonly yes && redis-cli config rewrite"
        }
        return nil
    }

    private func encoder() async -> Finding {
        let settings = services.configuration.render
        let slots = EncoderSlots(folder: settings.gpuSlotsPath, count: settings.gpuSlots)
        do {
            let (encoder, refusals) = try await EncoderLadder(slots: slots).probe()
            let words = refusals.map { "; \($0)" }.joined()
            let lanes = settings.lanes
            let pieces =
                lanes == 0
                ? "as many pieces at once as there is room for" : "\(lanes) \(lanes == 1 ? "piece" : "pieces") at once"
            return Finding(what: "video encoder", outcome: .ok, found: "\(encoder), \(pieces), \(slots.words)\(words)")
        } catch {
            return Finding(
                what: "video encoder", outcome: .failed, found: "\(error)",
                remedy: "apt-get install libavcodec59 (with libx264)")
        }
    }

    private func fonts() -> Finding {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/fc-list")
        process.arguments = [":", "family"]
        let pipe = Pipe()
        process.standardOutput = pipe
        do {
            try process.run()
        } catch {
            return Finding(
                what: "fonts", outcome: .failed, found: "fontconfig's fc-list is missing",
                remedy: "apt-get install fontconfig fonts-inter")
        }
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let wanted = [
            ("Inter", "fonts-inter"), ("DejaVu Sans", "fonts-dejavu-core"), ("Noto Sans Arabic", "fonts-noto-core"),
            ("Noto Sans CJK", "fonts-noto-cjk"), ("Symbola", "fonts-symbola"),
        ]
        let missing = wanted.filter { !text.contains($0.0) }
        guard !missing.isEmpty else {
            return Finding(what: "fonts", outcome: .ok, found: wanted.map(\.0).joined(separator: ", "))
        }
        return Finding(
            what: "fonts", outcome: missing.count == wanted.count ? .failed : .warning,
            found: "missing \(missing.map(\.0).joined(separator: ", ")): their characters come out as boxes",
            remedy: "apt-get install \(missing.map(\.1).joined(separator: " "))")
    }

    /// Prices that nobody has looked at for long are a guess, and a ceiling reckoned with them is one too.
    private func prices() -> Finding {
        do {
            let file = try PriceFile.load(services.configuration.priceFile)
            let age = file.age(at: Date())
            let found = "\(file.place), \(file.list.prices.count) prices of \(file.list.asOf)"
            guard age > PriceFile.oldAge else { return Finding(what: "prices", outcome: .ok, found: found) }
            return Finding(
                what: "prices", outcome: .warning, found: "\(found): \(age) days old",
                remedy: "Look them up, write them with the day into "
                    + "\(services.configuration.priceFile ?? PriceFile.standard).")
        } catch {
            let problems = error.problems.map(\.description).joined(separator: "; ")
            return Finding(what: "prices", outcome: .failed, found: problems, remedy: "Mend prices.file, or the file.")
        }
    }

    private func folders() async -> [Finding] {
        let configuration = services.configuration
        var findings: [Finding] = []
        // Videos that go to YouTube go into no folder.
        let published = configuration.publishTo == .youTube ? [] : [("publish.path", configuration.published)]
        let store =
            configuration.bucket.map { ("artifacts.s3.cache-path", $0.cachePath) }
            ?? ("artifacts.path", configuration.artifacts)
        for (key, path) in [store] + published + [("scratch.path", configuration.scratch)] {
            findings.append(folder(key, path))
        }
        return findings
    }

    private func folder(_ key: String, _ path: String) -> Finding {
        // A folder that is not there yet is made by whoever uses it first; then its parent must allow that.
        var existing = URL(filePath: path)
        while !FileManager.default.fileExists(atPath: existing.path(percentEncoded: false)), existing.path != "/" {
            existing = existing.deletingLastPathComponent()
        }
        let folder = existing.path(percentEncoded: false)
        guard FileManager.default.isWritableFile(atPath: folder), workers?.may([.write, .search], folder) ?? true else {
            let who = workers == nil ? "this user" : "the workers' account, \(HostAccount.ofTheUnits)"
            return Finding(
                what: key, outcome: .failed, found: "\(folder) is not writable for \(who)",
                remedy: "chown it to the workers' user, or change \(key)")
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
        guard free > 2_000_000_000 else {
            return Finding(
                what: key, outcome: free > 200_000_000 ? .warning : .failed,
                found: "\(path) has only \(Phrases.bytes(free)) left",
                remedy: "make room, or shorten retention.keep")
        }
        return Finding(what: key, outcome: .ok, found: "\(path), \(Phrases.bytes(free)) free")
    }
}

extension EncoderSlots {
    /// `1 of 3 GPU sessions in use (process 4711)`
    var words: String {
        let holders = holders()
        let who = holders.isEmpty ? "" : " (\(holders.map { "process \($0.process)" }.joined(separator: ", ")))"
        return "\(holders.count) of \(count) GPU sessions in use\(who)"
    }
}
