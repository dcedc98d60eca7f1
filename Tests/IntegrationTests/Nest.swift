import FleetPeers
import Foundation
import Logging
import NIOHTTP1
import Postgres
import Production
import ProviderPeers
import SpeechPeers
import TestServers
import Testing

/// A fleet of canaries, and all that it says.
final class Nest: Sendable {
    private let birds: Aviary
    private let peers: FleetPeers
    private let fleet: TestFleet
    private let store: StrictS3
    /// The cache, and the key file.
    private let own: URL
    private let receiver: PeerServer
    private let postgres: PrivatePostgres
    /// Who listens all the time: to all that Redis tells anybody, and to what `events` makes of it.
    private let listeners: [(name: String, process: ServerProcess)]
    /// What was gathered: outputs, dumps, answers.
    private let haul: URL
    /// What grep works with, and what it is to find.
    private let bench: URL
    private let days = ["2026-03-02", "2026-03-03"]
    private let user = "anna-\(UUID().uuidString)"

    private init(
        _ birds: Aviary, _ peers: FleetPeers, _ connected: ConnectedFleet, _ receiver: PeerServer,
        _ postgres: PrivatePostgres, _ folder: URL
    ) throws {
        (self.birds, self.peers, fleet, self.receiver) = (birds, peers, connected.fleet, receiver)
        (store, own, self.postgres) = (connected.store, connected.folder, postgres)
        let ytempire = try Programs.path("ytempire")
        listeners = [
            (
                "pub-sub",
                try ServerProcess(
                    "redis-cli",
                    ["-s", fleet.server.socketPath, "--user", "fleet", "--pass", birds.redis.value, "PSUBSCRIBE", "*"],
                    in: ServerFolder())
            ),
            (
                "events",
                try ServerProcess(ytempire, ["events", "--config", fleet.configuration], in: ServerFolder())
            ),
            (
                "events-json",
                try ServerProcess(ytempire, ["events", "--json", "--config", fleet.configuration], in: ServerFolder())
            ),
        ]
        (haul, bench) = (folder.appending(path: "haul"), folder.appending(path: "bench"))
        for folder in [haul, bench] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    static func with(_ birds: Aviary, _ peers: FleetPeers, _ body: @escaping @Sendable (Nest) async throws -> Void)
        async throws
    {
        // Every statement is in its log: more than an operator ever has.
        let postgres = try await PrivatePostgres.start(settings: ["log_statement=all"])
        let database = try await postgres.database(asking: birds.postgres.value)
        var options = PrivateRedis.Options()
        options.users = ["user default off", "user fleet on >\(birds.redis.value) ~* &* +@all"]
        options.appendOnly = true
        let redis = try await PrivateRedis.start(options)
        let folder = FileManager.default.temporaryDirectory.appending(path: "canaries-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let taking: PeerServer.Handler = { _ in PeerReply(200) }
        try await PeerServer.with(taking) { receiver in
            let settings = [
                "log.level": "trace", "voice.order": "elevenlabs", "database.url": database,
                "redis.url": "unix://fleet:\(birds.redis.value)@\(redis.socketPath)",
                "webhooks.urls": "\(receiver.address)/hook/\(birds.hook.value)",
                "webhooks.secret": birds.signing.value, "webhooks.token": birds.token.value,
            ]
            try await ConnectedFleet.with(peers, settings, secretKey: birds.s3.value, redis: redis) { connected in
                let nest = try Nest(birds, peers, connected, receiver, postgres, folder)
                let said = try await connected.connect("main")
                try said.write(to: nest.haul.appending(path: "connect"), atomically: true, encoding: .utf8)
                try await body(nest)
            }
        }
    }

    // MARK: What it does

    private func start(_ stage: Production.Stage) throws -> WorkerRun {
        let temporary = fleet.folder.appending(path: "temporary")
        try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
        let socket = fleet.folder.appending(path: "\(stage.rawValue).sock").path
        return try fleet.start(
            stage, environment: ["TMPDIR": temporary.path, "YTEMPIRE_METRICS_LISTEN": "unix:\(socket)"])
    }

    /// A day's video, with a provider's error at every step, which quotes what it was sent.
    func work() async throws {
        try await fleet.addUser(user, channel: "Sea", source: fleet.source("light.md", Articles.lighthouse))
        try await fleet.succeed("account", "assign", "main", user, "Sea")
        peers.youTube.expireTokens()
        for fault in [PeerFault.echo(500), .echo(502, asText: true)] {
            peers.writer.fail(fault)
            peers.speaker.server.fail(fault)
            peers.pexels.server.fail(fault) { $0.uri.contains("search") }
            for place in ["/token", "/upload/youtube/v3/videos", "/thumbnails/set"] {
                peers.youTube.server.fail(fault) { $0.method == .POST && $0.uri.contains(place) }
            }
            peers.youTube.server.fail(fault) { $0.method == .PUT }
        }
        receiver.fail(.echo(502, asText: true), times: 1_000)
        let workers = try Production.Stage.allCases.map { try start($0) }
        try await fleet.open(days[0])
        for worker in workers {
            for file in geteuid() == 0 ? ["cmdline", "environ"] : ["cmdline"] {
                let text = try Data(contentsOf: URL(filePath: "/proc/\(worker.pid)/\(file)"))
                #expect(!text.isEmpty)
                try text.write(to: haul.appending(path: "\(worker.name)-\(file)"))
            }
        }
        let watch = try await fleet.run("job", "watch", "--day", days[0])
        try #require(watch.status == 0, "\(watch)\n\(fleet.logs)")
        try await eventually {
            try await self.fleet.number("SELECT count(*) FROM webhook_deliveries WHERE answer LIKE '%[redacted]%'") > 0
        }
        receiver.failNoMore()
        let metrics = try await fleet.succeed("metrics", "--workers", fleet.folder.path + "/*.sock")
        #expect(metrics.out.contains("ytempire_worker"))
        for worker in workers { await worker.drain() }
        try await quoted(["openai", "elevenlabs", "youtube"])
    }

    /// Providers whose words were kept without what was secret in them.
    private func quoted(_ providers: Set<String>) async throws {
        let told = try await fleet.texts(
            "SELECT DISTINCT error->>'provider' FROM attempts WHERE error::text LIKE '%[redacted]%'")
        #expect(Set(told).isSuperset(of: providers), "\(told)")
    }

    /// Another day's, with each stage's key wrong at first, and an answer that quotes it.
    func workWithWrongKeys() async throws {
        try await fleet.addUser(user, channel: "Tides", source: fleet.source("tides.md", Articles.tides))
        try await fleet.succeed("account", "assign", "main", user, "Tides")
        try await fleet.open(days[1])
        let job = try await fleet.job(user, days[1])
        let wrong = birds.wrong
        for (stage, key, bird, server) in [
            (Production.Stage.script, "openai.key", wrong[0], peers.writer),
            (.voice, "elevenlabs.key", wrong[1], peers.speaker.server),
            (.render, "stock.pexels.key", wrong[2], peers.pexels.server),
            (.upload, "youtube.client-secret", wrong[3], peers.youTube.server),
        ] {
            peers.youTube.expireTokens()
            server.fail(.echo(401)) { stage != .upload || $0.uri.hasPrefix("/token") }
            try await fleet.configure([key: bird.value])
            let worker = try start(stage)
            try await eventually {
                // Without stock there are drawn pictures.
                try await self.fleet.number(
                    "SELECT count(*) FROM attempts WHERE job_id = \(job) AND stage = \(stage.rawValue) AND state <> 'running'"
                )
                    > 0
            }
            await worker.drain()
            try await fleet.configure([:])
            guard stage == .script || stage == .voice else { continue }
            let right = try start(stage)
            if try await fleet.texts("SELECT state FROM jobs WHERE id = \(job)") == ["dead"] {
                try await fleet.succeed("job", "retry", "\(job)")
            }
            try await eventually {
                try await self.fleet.texts("SELECT stage FROM jobs WHERE id = \(job)") != [stage.rawValue]
            }
            await right.drain()
        }
        let report = try await fleet.succeed("job", "report", "--day", days[1])
        #expect(report.out.contains("\nNot made as meant") && report.out.contains("pexels:"), "\(report)")
        try await workWithoutServers()
    }

    /// Servers that refuse the fleet's password, and configurations that are no good.
    private func workWithoutServers() async throws {
        let text = try String(contentsOfFile: fleet.configuration, encoding: .utf8)
        for (right, wrong, words) in [
            (birds.postgres, birds.wrong[4], "password authentication failed"),
            (birds.redis, birds.wrong[5], "WRONGPASS"),
        ] {
            try text.replacing(right.value, with: wrong.value)
                .write(toFile: fleet.configuration, atomically: true, encoding: .utf8)
            let worker = try start(.script)
            try await eventually { worker.log.contains(words) }
            await worker.kill()
            _ = try await fleet.coordinate()
            for words in [["job", "list"], ["queue", "list"], ["doctor"], ["doctor", "--json"]] {
                _ = try await fleet.run(words)
            }
        }
        try text.replacing(birds.s3.value, with: birds.wrong[6].value)
            .write(toFile: fleet.configuration, atomically: true, encoding: .utf8)
        #expect(try await fleet.run("doctor").status != 0)
        for line in [
            "openai:\n  kye: \(birds.openAI.value)", "openai: \(birds.openAI.value)", "openai: [\(birds.openAI.value)]",
            "webhooks:\n  urls: ftp://h/\(birds.hook.value)", "redis:\n  url: redis://a:\(birds.redis.value)@[",
            "database:\n  url: 'host=x password=\(birds.postgres.value) nonsense'",
            "openai:\n  key: \"\(birds.openAI.value)",
            "artifacts:\n  s3:\n    bucket: b\n    secret-key:\n      - '\(birds.s3.value)'",
        ] {
            try line.write(toFile: fleet.configuration, atomically: true, encoding: .utf8)
            let refused = try await fleet.run("job", "list")
            #expect(refused.status != 0, "\(line): \(refused)")
        }
        try text.write(toFile: fleet.configuration, atomically: true, encoding: .utf8)
    }

    /// Whatever a person may ask.
    func ask() async throws {
        for words in [
            "account list", "account show main", "secret rotate", "doctor", "job list", "job show 1", "job show 2",
            "job log 1", "job log 2", "dead list", "dead show 2", "queue list", "worker list", "quota", "cost day",
            "cost job 1", "cost provider", "audit", "user list", "channel list", "metrics", "next \(user)",
            "dash --once",
        ] {
            for choices in [[], ["--json"]] {
                _ = try await fleet.run(words.split(separator: " ").map(String.init) + choices)
            }
        }
        let disconnected = try await fleet.run("account", "disconnect", "main")
        #expect(disconnected.status == 0 && peers.youTube.revocations.count == 1, "\(disconnected)")
    }

    // MARK: What it has written

    func search() async throws {
        let places = try await gather()
        let cat = Cat(canaries: birds.planted + birds.given + birds.wrong + [try masterKey()], folder: bench)
        try await control(cat, places)
        // What a person has written down is the fleet's configuration; Redis' list of users is the test's.
        let meant = ["ytempire.yaml", "users.acl"]
        let found = try cat.hunt(in: places, leavingOut: meant)
        #expect(found.isEmpty, "\(found.sorted { $0.description < $1.description }.prefix(20).map(\.description))")
        try strayed()

        let extent = Cat.extent(of: places)
        let tables = try await fleet.number(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        print(
            "\(cat.canaries.count) canaries, \(cat.canaries.flatMap(\.traces).count) traces: \(extent.files) files,"
                + " \(extent.bytes >> 20) MiB, \(tables) tables, \(fleet.outputs.count) commands")
    }

    private func masterKey() throws -> Canary {
        let text = try String(contentsOf: own.appending(path: "secret-keys"), encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ytempire-key-1:") })
        let key = String(line.dropFirst("ytempire-key-1:".count))
        let bytes = try #require(Data(base64Encoded: key))
        return Canary(
            name: "the master key", value: key, furtherTraces: [bytes.map { String(format: "%02x", $0) }.joined()])
    }

    /// Files of all that isn't one, and the folders that the fleet and its servers write into.
    private func gather() async throws -> [String] {
        func keep(_ name: String, _ text: String) throws {
            try text.write(to: haul.appending(path: name), atomically: true, encoding: .utf8)
        }
        for listener in listeners {
            try keep(listener.name, listener.process.log)
            await listener.process.kill()
        }
        try keep("logs", fleet.logs)
        for (number, output) in fleet.outputs.enumerated() {
            // The command line too: nobody has typed a secret.
            try keep("command-\(number)", output.description)
        }
        try keep("postgres.log", postgres.log)
        try keep("redis.log", fleet.server.log)
        try keep("s3.log", store.log)
        // What stands in the log alone until then.
        _ = try await fleet.rows("CHECKPOINT")
        let dump = haul.appending(path: "dump.sql").path
        let url = try #require(
            try String(contentsOfFile: fleet.configuration, encoding: .utf8)
                .firstMatch(of: /'(postgresql:[^']*)'/)?.output.1)
        _ = try ServerFolder().run("pg_dump", ["--inserts", "--file", dump, String(url)])
        let objects = haul.appending(path: "objects")
        try FileManager.default.createDirectory(at: objects, withIntermediateDirectories: true)
        try store.download(to: objects)
        for (number, request) in receiver.requests.enumerated() {
            var headers = request.head.headers
            headers.remove(name: "Ytempire-Token")
            let body = String(decoding: request.body, as: UTF8.self)
            try keep("webhook-\(number)", "\(headers)\n\(body)")
        }
        return [
            haul.path, fleet.folder.path, own.appending(path: "cache").path, postgres.disk.appending(path: "data").path,
        ]
    }

    /// That it would be found: everything that is planted, where it is meant to be, in every form, and something harmless in each of
    /// the places.
    private func control(_ cat: Cat, _ places: [String]) async throws {
        let folder = bench.appending(path: "control")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: fleet.configuration, toPath: folder.appending(path: "configuration").path)
        let planted = try cat.hunt(in: [folder.path])
        for bird in birds.planted { #expect(planted.contains { $0.text == bird.value }, "\(bird.name)") }
        for (number, bird) in cat.canaries.enumerated() {
            let text = "x\(bird.value)y"
            let forms = [
                Data(text.utf8).base64EncodedString(), Data("xx\(text)".utf8).base64EncodedString(),
                Data("x\(text)".utf8).base64EncodedString(), text.utf8.map { String(format: "%02x", $0) }.joined(),
                "\u{0}\u{1}\(text)\u{2}",
            ]
            for (form, text) in forms.enumerated() {
                try text.write(
                    to: folder.appending(path: "\(number)-\(form)"), atomically: true, encoding: .utf8)
            }
        }
        let forms = try cat.hunt(in: [folder.path])
        for (number, bird) in cat.canaries.enumerated() {
            for form in 0..<5 {
                #expect(forms.contains { $0.file.hasSuffix("/\(number)-\(form)") }, "\(bird.name) as \(form)")
            }
        }
        let visible = Cat(
            canaries: [
                Canary(name: "user", value: user), Canary(name: "job", value: "ytempire-1"),
                Canary(name: "redacted", value: "[redacted]"), Canary(name: "key", value: "ytempire:0"),
                Canary(name: "words", value: "lighthouse"), Canary(name: "worker", value: "voice-1"),
            ], folder: bench)
        let seen = try visible.hunt(in: places)
        for (name, place) in [
            ("user", "/dump.sql"), ("user", "/base/"), ("user", "/pg_wal/"), ("user", "/command-"),
            ("user", "/webhook-"),
            ("redacted", "/logs"), ("redacted", "/dump.sql"), ("words", "/objects/"), ("words", "/cache/"),
            ("key", "/appendonlydir/"), ("words", "/postgres.log"), ("worker", "/pub-sub"), ("worker", "/events"),
            ("worker", "/events-json"),
        ] {
            #expect(seen.contains { $0.canary == name && $0.file.contains(place) }, "\(name) in \(place)")
        }
    }

    /// A provider hears of no other's key.
    private func strayed() throws {
        for (server, own) in [
            (peers.writer, [birds.openAI, birds.wrong[0]]), (peers.speaker.server, [birds.elevenLabs, birds.wrong[1]]),
            (peers.pexels.server, [birds.pexels, birds.wrong[2]]),
            (peers.youTube.server, [birds.google, birds.wrong[3]] + birds.given),
            (receiver, [birds.token, birds.hook]),
        ] {
            let names = Set(own.map(\.name))
            let heard = bench.appending(path: "heard-\(server.port)")
            let requests = server.requests.map { "\($0.head)\n\(String(decoding: $0.body, as: UTF8.self))\n" }.joined()
            try requests.write(to: heard, atomically: true, encoding: .utf8)
            let all = birds.planted + birds.given + birds.wrong
            let cat = Cat(canaries: all.filter { names.contains($0.name) }, folder: bench)
            #expect(try !cat.hunt(in: [heard.path]).isEmpty, "\(server.port) was never asked")
            let others = Cat(canaries: all.filter { !names.contains($0.name) }, folder: bench)
            #expect(try others.hunt(in: [heard.path]) == [])
        }
    }
}

extension PrivatePostgres {
    /// A fresh database's address, by a role that has to tell this password.
    func database(asking password: String) async throws -> String {
        let url = try await freshDatabase()
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: url),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await pool.withConnection { connection in
            // The one statement that has the password in it is the test's own.
            try await connection.execute("SET log_statement TO 'none'")
            try await connection.execute("CREATE ROLE fleet SUPERUSER LOGIN PASSWORD '\(unescaped: password)'")
        }
        let file = disk.appending(path: "data/pg_hba.conf").path
        let rules = try String(contentsOfFile: file, encoding: .utf8)
        // In place: the file stays its server's.
        try "local all fleet scram-sha-256\n\(rules)".write(toFile: file, atomically: false, encoding: .utf8)
        _ = try await pool.query("SELECT pg_reload_conf()")
        await pool.close()
        return url.replacing("user=postgres", with: "user=fleet&password=\(password)")
    }
}
