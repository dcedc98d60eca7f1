import FoundationEssentials
import Glibc
import Ledger
import Logging
import Postgres
import Production
import Redis
import StageQueue
import Telemetry

extension FleetConfiguration {
    /// Reads defaults < `ytempire.yaml` < `YTEMPIRE_…` variables < systemd's credentials.
    ///
    /// Who is not started by systemd has `/etc/credstore` instead, as far as it may be read: below the variables, which somebody
    /// has just typed, and only beside `/etc/ytempire/ytempire.yaml`, so that no other fleet of the host ever works with these
    /// servers and keys.
    ///
    /// - Parameters:
    ///   - file: given by `--config`; else `$YTEMPIRE_CONFIG`, `./ytempire.yaml`, `/etc/ytempire/ytempire.yaml`,
    ///     the first that exists. A file that was named must exist.
    ///   - program: which keys must be there.
    ///   - system: where `/etc` is.
    /// - Throws: `ConfigurationError` with all problems at once.
    package static func load(
        file: String?, environment: [String: String], for program: FleetProgram = .command, system: String = "/etc"
    ) async throws -> FleetConfiguration {
        let standard = "\(system)/ytempire/ytempire.yaml"
        let named = file ?? environment["YTEMPIRE_CONFIG"]
        let path = named ?? ["./ytempire.yaml", standard].first { FileManager.default.fileExists(atPath: $0) }
        var sources: [ConfigurationSource] = []
        if let directory = environment["CREDENTIALS_DIRECTORY"] {
            do {
                sources.append(try await .credentials(in: directory))
            } catch {
                let problem = ConfigurationProblem(
                    key: "systemd credentials", source: directory, found: nil, expected: "they can't be read: \(error)")
                throw ConfigurationError(problems: [problem])
            }
        }
        sources.append(.environment(environment))
        // By whatever name: root may stand in the folder, or have a link to the file.
        let isInstalled = path.map { Self.areOne($0, standard) } ?? false
        if isInstalled, environment["CREDENTIALS_DIRECTORY"] == nil {
            sources.append(.store(at: "\(system)/credstore"))
        }
        var exposed: [String] = []
        if let path {
            do {
                let yaml = try await ConfigurationSource.yaml(path)
                exposed = Self.exposed(in: yaml, at: path)
                sources.append(yaml)
            } catch {
                let problem = ConfigurationProblem(
                    key: "configuration file", source: path, found: nil,
                    expected: FileManager.default.fileExists(atPath: path)
                        ? "it can't be read as YAML: \(ConfigurationSource.reason(of: error))" : "there is no such file"
                )
                throw ConfigurationError(problems: [problem])
            }
        }
        let collector = ConfigurationCollector(sources, for: program)
        let configuration = FleetConfiguration(collector, files: path.map { [$0] } ?? [])
        collector.reportUnknownKeys()
        guard var configuration, collector.problems.isEmpty else {
            throw ConfigurationError(problems: collector.problems)
        }
        (configuration.exposed, configuration.isInstalled) = (exposed, isInstalled)
        return configuration
    }

    private static func areOne(_ path: String, _ other: String) -> Bool {
        var (one, two) = (stat(), stat())
        guard stat(path, &one) == 0, stat(other, &two) == 0 else { return false }
        return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)
    }

    /// Secrets that stand in a file which every account of the host may read.
    private static func exposed(in file: ConfigurationSource, at path: String) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o004 != 0 else { return [] }
        return file.keys.filter { key in
            guard ConfigurationSource.secretKeys.contains(key) else { return false }
            // Most addresses of servers hold no password.
            guard key == "database.url" || key == "redis.url", let url = try? file.value(key) else { return true }
            return url.contains("password=") || url.contains(/:\/\/[^\/]*:[^\/]+@/)
        }
    }

    /// Nil, with a problem in the collector, if a part without a sensible default is wrong.
    init?(_ read: ConfigurationCollector, files: [String]) {
        self.files = files
        zone = read.string("fleet.zone", default: "UTC")
        namespace = read.read(
            "fleet.namespace", default: "ytempire", expected: "it should be 1 to 32 of a-z, 0-9, '-' and '_'"
        ) { $0.utf8.count <= 32 && $0.consists(of: "abcdefghijklmnopqrstuvwxyz0123456789_-") ? $0 : nil }
        partitions = read.integer("fleet.partitions", default: 1, in: 1...1_024)
        let database = Self.parsed(read, "database.url", default: "postgresql:///ytempire") {
            text throws(PostgresError) in try PostgresConfiguration(url: text)
        }
        let connections = read.integer("database.connections", default: 8, in: 1...200)
        let redis = Self.parsed(read, "redis.url", default: "redis://127.0.0.1:6379/0") {
            text throws(RedisError) in try RedisConfiguration(url: text)
        }
        artifacts = read.string("artifacts.path", default: "/var/lib/ytempire/artifacts")
        scratch = read.string("scratch.path", default: "/var/tmp/ytempire")
        published = read.string("publish.path", default: "/var/lib/ytempire/published")
        publishedURL = read.optionalString("publish.base-url")
        allowPrivateSources = read.flag("sources.allow-private", default: false)
        worker = Worker(
            slots: Self.perStage([.script: 4, .voice: 2, .render: 1, .upload: 4]) {
                read.integer("\($0).slots", default: $1, in: 1...256)
            },
            atOnce: Self.optionalPerStage { read.optionalInteger("\($0).at-once", in: 1...1_000_000) },
            atOnceOnHost: Self.optionalPerStage { read.optionalInteger("\($0).at-once-per-host", in: 1...10_000) },
            timeLimit: Self.perStage([
                // Two models, each sent back twice, each call up to three minutes.
                .script: .seconds(1_200), .voice: .seconds(600), .render: .seconds(3_600), .upload: .seconds(3_600),
            ]) {
                read.duration("\($0).time-limit", default: $1, in: .seconds(1)...(.seconds(86_400)))
            },
            drain: read.duration("worker.drain", default: .seconds(60), in: .zero...(.seconds(3_600))),
            lease: read.duration("worker.lease", default: .seconds(20), in: .seconds(1)...(.seconds(3_600))),
            beat: read.duration("worker.beat", default: .seconds(5), in: .milliseconds(100)...(.seconds(900))))
        lanes = LaneLimits(
            ahead: read.integer("fairness.ahead", default: 1, in: 1...100),
            most: read.optionalInteger("fairness.at-once", in: 1...1_000))
        money = Money(
            videoCeiling: read.dollars("money.video-ceiling", default: 3_000_000),
            dayCeiling: read.dollars("money.day-ceiling", default: 150_000_000),
            videoTarget: read.dollars("money.video-target", default: 1_000_000),
            rates: OwnRates(
                cpuHour: read.dollars("money.cpu-hour", default: 20_000),
                wallHour: read.dollars("money.wall-hour", default: 2_000),
                storedGiB: read.dollars("money.stored-gib", default: 10_000),
                gpuHour: read.dollars("money.gpu-hour", default: 500_000)),
            providers: [:])
        for provider in Money.providerNames {
            let key = "providers.\(provider)"
            money.providers[provider] = ProviderLimits(
                dayCeiling: read.dollars("\(key).day-ceiling", default: money.dayCeiling),
                atOnce: read.optionalInteger("\(key).at-once", in: 1...10_000),
                perMinute: read.optionalInteger("\(key).per-minute", in: 1...1_000_000))
        }
        priceFile = read.optionalString("prices.file")
        keyFile = read.string("secrets.key-file", default: "/etc/credstore/ytempire.secret-keys")
        webhooks = Webhooks(
            urls: read.read(
                "webhooks.urls", default: [], expected: "it should be web addresses, with spaces between them",
                secret: true
            ) { text in
                let urls = text.split(whereSeparator: { $0.isWhitespace || $0 == "," }).map { Secret(String($0)) }
                let areSound = urls.allSatisfy {
                    URL(string: $0.value)?.host() != nil
                        && ($0.value.hasPrefix("https://") || $0.value.hasPrefix("http://"))
                }
                return areSound ? urls : nil
            },
            secret: read.optionalString("webhooks.secret").map { Secret($0) },
            token: read.optionalString("webhooks.token").map { Secret($0) })
        retry = RetryRules(
            attempts: read.integer("retry.attempts", default: 8, in: 1...100),
            backoff: Backoff(
                base: read.duration("retry.base", default: .seconds(5), in: .milliseconds(1)...(.seconds(3_600))),
                cap: read.duration("retry.cap", default: .seconds(900), in: .milliseconds(1)...(.seconds(86_400)))))
        render = Render(
            encoder: read.choice("render.encoder", default: .automatic),
            shortSide: read.integer("render.short-side", default: 1_080, in: 120...2_160),
            preset: read.choice("render.preset", default: .veryfast),
            lanes: read.integer("render.lanes", default: 0, in: 0...64),
            gpuSlots: read.integer("render.gpu-slots", default: 3, in: 1...64),
            gpuSlotsPath: read.string("render.gpu-slots-path", default: "/var/lib/ytempire/gpu-slots"))
        stock = Stock(read)
        retention = read.duration(
            "retention.keep", default: .seconds(30 * 86_400), in: .seconds(60)...(.seconds(36_500 * 86_400)))
        catchUp = read.duration(
            "coordinator.catch-up", default: .seconds(6 * 3_600), in: .zero...(.seconds(18 * 3_600)))
        logLevel = read.choice("log.level", default: .info)
        metrics = read.read(
            "metrics.listen", default: nil,
            expected: "it should be off, 127.0.0.1:PORT, [::1]:PORT or unix:/path (at most 107 bytes)"
        ) { text -> MetricAddress?? in
            // YAML takes a bare `off` for false.
            ["off", "false"].contains(text) ? .some(nil) : MetricAddress(text).map { .some($0) }
        }
        web = Web(read)
        openAI = OpenAI(read)
        elevenLabs = ElevenLabs(read)
        voice = Voice(read)
        Self.requireKeys(read, openAI, elevenLabs, voice)
        youTube = YouTube(read)
        bucket = Bucket(read)
        publishTo = read.choice("publish.to", default: .folder)
        if publishTo == .youTube {
            if youTube == nil {
                read.report("youtube.client-id", expected: "it is needed, since publish.to is youtube")
            } else if youTube?.clientSecret == nil {
                read.lacks(
                    "youtube.client-secret", because: "it is needed, since publish.to is youtube",
                    for: [.worker(.upload)])
            }
        }
        testing = Testing(read)
        (lacking, exposed, isInstalled) = (read.lacking, [], false)
        guard var database, let redis else { return nil }
        database.poolSize = connections
        (self.database, self.redis) = (database, redis)
        // They are divided among the partitions, of which none can do with nothing.
        for stage in Stage.allCases {
            if let limit = worker.atOnce[stage], limit < partitions {
                read.report(
                    "\(stage.rawValue).at-once",
                    expected: "it should be at least fleet.partitions (\(partitions)), among which it is divided")
            }
            if let limit = worker.atOnceOnHost[stage], limit < partitions {
                read.report(
                    "\(stage.rawValue).at-once-per-host",
                    expected:
                        "it should be at least fleet.partitions (\(partitions)), among which it is divided; one worker a host "
                        + "with as many \(stage.rawValue).slots limits a host as well")
            }
        }
        if worker.beat * 4 > worker.lease {
            read.report("worker.beat", expected: "a beat should be at most a quarter of worker.lease")
        }
        if !render.shortSide.isMultiple(of: 2) {
            read.report("render.short-side", expected: "it should be even, as H.264's chroma requires")
        }
    }

    private static func optionalPerStage(_ read: (Stage) -> Int?) -> [Stage: Int] {
        Dictionary(uniqueKeysWithValues: Stage.allCases.compactMap { stage in read(stage).map { (stage, $0) } })
    }

    private static func perStage<Value>(_ defaults: [Stage: Value], _ read: (Stage, Value) -> Value) -> [Stage: Value] {
        Dictionary(uniqueKeysWithValues: defaults.map { ($0.key, read($0.key, $0.value)) })
    }

    /// A URL, parsed by those who use it; its problem is told in their words, which hold no password.
    private static func parsed<Value, Problem: Error & CustomStringConvertible>(
        _ read: ConfigurationCollector, _ key: String, default standard: String,
        _ parse: (String) throws(Problem) -> Value
    ) -> Value? {
        do {
            return try parse(read.string(key, default: standard))
        } catch {
            read.report(key, expected: error.description)
            return nil
        }
    }
}
