import Failpoints
import Foundation
import Logging
import Production
import Redis
import Testing

@testable import Fleet

@Suite struct `The configuration` {
    /// Loads from a file of this text, or none, and a folder of credentials.
    private func load(
        _ yaml: String?, _ environment: [String: String] = [:], credentials: [String: String] = [:],
        for program: FleetProgram = .command
    ) async throws -> FleetConfiguration {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fleet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var environment = environment
        if !credentials.isEmpty { environment["CREDENTIALS_DIRECTORY"] = folder.path }
        for (name, text) in credentials {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let file = folder.appending(path: "ytempire.yaml")
        if let yaml { try Data(yaml.utf8).write(to: file) }
        return try await FleetConfiguration.load(
            file: yaml == nil ? nil : file.path, environment: environment, for: program, system: folder.path)
    }

    /// What is wrong with it, as a person reads it.
    private func problems(
        _ yaml: String?, _ environment: [String: String] = [:], credentials: [String: String] = [:],
        for program: FleetProgram = .command
    ) async throws -> [String] {
        let error = await #expect(throws: ConfigurationError.self) {
            _ = try await load(yaml, environment, credentials: credentials, for: program)
        }
        return try #require(error).problems.map(\.description)
    }

    @Test func `has a sensible value for everything`() async throws {
        let configuration = try await load("")
        #expect(configuration.zone == "UTC")
        #expect(configuration.worker.lease == .seconds(20) && configuration.worker.beat == .seconds(5))
        #expect(configuration.worker.slots[.render] == 1)
        #expect(configuration.money.videoCeiling == 3_000_000)
        #expect(configuration.retry.attempts == 8)
        #expect(configuration.render.shortSide == 1_080 && configuration.render.preset == .veryfast)
        #expect(configuration.retention == .seconds(30 * 86_400))
        #expect(configuration.publishedURL == nil && !configuration.allowPrivateSources)
    }

    @Test func `takes the environment before the file, and credentials before both`() async throws {
        let yaml = """
            fleet:
              zone: Europe/Berlin
              namespace: file
            artifacts:
              path: /file
            """
        let file = try await load(yaml)
        #expect((file.zone, file.namespace, file.artifacts) == ("Europe/Berlin", "file", "/file"))
        let environment = [
            "YTEMPIRE_FLEET_NAMESPACE": "variable", "YTEMPIRE_ARTIFACTS_PATH": "/variable", "PATH": "/bin",
        ]
        let variables = try await load(yaml, environment)
        #expect(
            (variables.zone, variables.namespace, variables.artifacts) == ("Europe/Berlin", "variable", "/variable"))
        let all = try await load(yaml, environment, credentials: ["artifacts-path": "/credential\n"])
        #expect((all.zone, all.namespace, all.artifacts) == ("Europe/Berlin", "variable", "/credential"))
    }

    @Test func `sets up the providers whose keys are known, and no others`() async throws {
        let none = try await load("")
        #expect(!none.openAI.isSetUp && none.elevenLabs.key == nil && none.youTube == nil && none.bucket == nil)
        #expect(none.publishTo == .folder && none.voice.order == ["elevenlabs", "openai", "command", "offline"])
        let all = try await load(
            """
            openai:
              models: gpt-a, gpt-b
              base-url: https://proxy.example/v1
              speech-voices: en=nova de=alloy
            elevenlabs:
              voices: abc
            voice:
              order: openai offline
              command: piper --model '/var/lib/my voices/{language}.onnx' --output_file {output}
            publish:
              to: youtube
            youtube:
              client-id: 1-a.apps.googleusercontent.com
            artifacts:
              s3:
                bucket: videos
                endpoint: http://minio.internal:9000
            """,
            credentials: [
                "openai-key": "sk-1\n", "elevenlabs-key": "el-1", "youtube-client-secret": "ys",
                "artifacts-s3-access-key": "ak", "artifacts-s3-secret-key": "sk",
            ])
        #expect(all.openAI.key == Secret("sk-1"), "the line feed that an editor leaves is no part of a key")
        #expect(all.openAI.models == ["gpt-a", "gpt-b"] && all.openAI.baseURL == "https://proxy.example/v1")
        #expect(all.openAI.speech.voices == ["en": "nova", "de": "alloy"] && all.elevenLabs.voices == ["*": "abc"])
        #expect(all.voice.order == ["openai", "offline"])
        #expect(all.voice.command.count == 5 && all.voice.command[2] == "/var/lib/my voices/{language}.onnx")
        #expect(all.youTube?.clientID == "1-a.apps.googleusercontent.com" && all.publishTo == .youTube)
        #expect(all.bucket?.endpoint == "http://minio.internal:9000" && all.bucket?.accessKey == "ak")
    }

    @Test func `says what a provider lacks, and never shows a key`() async throws {
        let found = try await problems(
            """
            openai:
              models: gpt-a
            publish:
              to: youtube
            artifacts:
              s3:
                bucket: videos
            voice:
              order: elevenlabs, opera
              command: piper 'never closed
            http:
              proxy: https://user:hunter2hunter2@proxy:1
            """, ["YTEMPIRE_ELEVENLABS_KEY": "", "YTEMPIRE_ELEVENLABS_BASE_URL": "http://elsewhere.example"],
            for: .worker(.script))
        for key in [
            "openai.key", "youtube.client-id", "artifacts.s3.access-key", "voice.order", "voice.command", "http.proxy",
            "elevenlabs.key", "elevenlabs.base-url",
        ] {
            #expect(found.contains { $0.contains(key) }, "\(key) in \(found)")
        }
        #expect(!found.contains { $0.contains("hunter2") }, "\(found)")
    }

    /// Settings of every provider, without a key.
    private static let keyless = """
        openai:
          models: gpt-a
          speech-model: tts-a
        elevenlabs:
          voices: abc
        stock:
          unsplash:
            enabled: true
        publish:
          to: youtube
        youtube:
          client-id: 1-a.apps.googleusercontent.com
        artifacts:
          s3:
            bucket: videos
        """

    @Test(arguments: [
        (FleetProgram.worker(.script), ["artifacts.s3.access-key", "artifacts.s3.secret-key", "openai.key"]),
        (
            .worker(.voice),
            ["artifacts.s3.access-key", "artifacts.s3.secret-key", "elevenlabs.key", "openai.key"]
        ),
        (.worker(.render), ["artifacts.s3.access-key", "artifacts.s3.secret-key", "stock.unsplash.key"]),
        (.worker(.upload), ["artifacts.s3.access-key", "artifacts.s3.secret-key", "youtube.client-secret"]),
        (.coordinator, ["artifacts.s3.access-key", "artifacts.s3.secret-key"]),
    ])
    func `lacks only those keys that its program works with`(program: FleetProgram, keys: [String]) async throws {
        let found = try await problems(Self.keyless, for: program)
        #expect(found.compactMap { $0.split(separator: ":").first.map(String.init) }.sorted() == keys)
        #expect(
            found.allSatisfy { $0.contains("/etc/credstore/ytempire.") && $0.contains("YTEMPIRE_") }, "\(found)")
    }

    @Test func `is read by a person's commands whatever keys are missing, which it tells`() async throws {
        let read = try await load(Self.keyless)
        #expect(
            read.lacking.map(\.key).sorted() == [
                "artifacts.s3.access-key", "artifacts.s3.secret-key", "elevenlabs.key", "openai.key",
                "stock.unsplash.key", "youtube.client-secret",
            ])
        #expect(read.youTube?.clientID == "1-a.apps.googleusercontent.com" && read.youTube?.clientSecret == nil)
        let found = try await problems("publish:\n  to: youtube", ["YTEMPIRE_YOUTUBE_CLIENT_SECRET": "s"])
        #expect(found.allSatisfy { $0.hasPrefix("youtube.client-id") }, "\(found)")
    }

    @Test func `asks for no key of a voice that is not asked to speak`() async throws {
        let read = try await load(
            """
            voice: {order: command offline, command: "piper --output_file {output}"}
            elevenlabs: {voices: abc}
            openai: {speech-model: tts-a}
            """, for: .worker(.voice))
        #expect(read.lacking.isEmpty)
    }

    @Test func `knows which of its secrets every account of the host may read`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "exposed-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(
            """
            database: {url: "postgresql:///ytempire"}
            redis: {url: "redis://:hunter2@h:6379/0"}
            openai: {models: gpt-a, key: sk-1}
            """.utf8
        ).write(to: file)
        for (mode, keys) in [(0o640, []), (0o644, ["openai.key", "redis.url"])] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            let read = try await FleetConfiguration.load(file: file.path, environment: [:])
            #expect(read.exposed.sorted() == keys)
        }
    }

    @Test func `takes root's keys for a command typed by hand, but only beside the system's own file`() async throws {
        let system = FileManager.default.temporaryDirectory.appending(path: "etc-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: system) }
        for folder in ["ytempire", "credstore"] {
            try FileManager.default.createDirectory(
                at: system.appending(path: folder), withIntermediateDirectories: true)
        }
        let (file, elsewhere) = (
            system.appending(path: "ytempire/ytempire.yaml"), system.appending(path: "other.yaml")
        )
        for place in [file, elsewhere] { try Data("openai:\n  models: gpt-a\n".utf8).write(to: place) }
        for (name, text) in [
            ("openai-key", "sk-1\n"), ("database-url", "postgresql:///mine\n"), ("log-level", "trace\n"),
        ] {
            try Data(text.utf8).write(to: system.appending(path: "credstore/ytempire.\(name)"))
        }
        func load(_ named: String?, _ environment: [String: String] = [:]) async throws -> FleetConfiguration {
            try await FleetConfiguration.load(file: named, environment: environment, system: system.path)
        }
        for named in [nil, file.path] {
            let read = try await load(named)
            #expect(read.openAI.key == Secret("sk-1") && "\(read.database)".contains("mine"), "\(read.database)")
            #expect(read.logLevel == .info, "what systemd would not hand over is not read")
        }
        #expect(try await load(elsewhere.path).openAI.key == nil, "a demo on the same host")
        let link = system.appending(path: "link.yaml")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
        #expect(try await load(link.path).openAI.key == Secret("sk-1"), "by another name")
        let typed = try await load(nil, ["YTEMPIRE_DATABASE_URL": "postgresql:///restored"])
        #expect("\(typed.database)".contains("restored"), "what was just typed")
        let credentials = system.appending(path: "credentials")
        try FileManager.default.createDirectory(at: credentials, withIntermediateDirectories: true)
        let worker = try await load(nil, ["CREDENTIALS_DIRECTORY": credentials.path])
        #expect(worker.openAI.key == nil, "systemd has decided what it may know")
    }

    @Test func `is found by its variable, and a named file must exist`() async throws {
        let found = try await problems(nil, ["YTEMPIRE_CONFIG": "/no/such/file.yaml"])
        #expect(found.count == 1 && found[0].contains("/no/such/file.yaml") && found[0].contains("no such file"))
    }

    @Test func `refuses what only tests may set, unless it says that it is one`() async throws {
        let testing = """
            testing:
              rehearsal: bare
              failpoints: 'commit.before=kill@3, work.within=delay:2s#17'
            """
        let found = try await problems(testing)
        #expect(found.count == 2 && found.allSatisfy { $0.contains("testing.enabled is not true") }, "\(found)")

        let configuration = try await load(testing + "\n  enabled: true")
        #expect(configuration.testing.rehearsal == .bare)
        #expect(configuration.testing.failpoints.map(\.point) == [.commitBefore, .workWithin])
        #expect(configuration.testing.announcement?.contains("2 failpoints are armed") == true)
        #expect(try await load("").testing.announcement == nil)

        let unknown = try await problems("testing:\n  enabled: true\n  failpoints: 'comit.before=kill'")
        #expect(unknown.count == 1 && unknown[0].contains("publication.send.before"), "\(unknown)")
    }

    @Test func `tells everything that is wrong with it at once`() async throws {
        let found = try await problems(
            """
            worker:
              drain: soon
              lease: 4s
              beat: 2s
            render:
              short-side: 181
              encoder: magic
            money:
              day-ceiling: -1
            retry:
              attempts: 0
            sources:
              allow-private: perhaps
            publish:
              path: ''
            """, ["YTEMPIRE_SCRIPT_SLOTS": "1.5"])
        let wanted = [
            "worker.drain", "worker.beat", "render.short-side", "render.encoder", "money.day-ceiling", "retry.attempts",
            "sources.allow-private", "publish.path", "script.slots",
        ]
        for key in wanted { #expect(found.contains { $0.hasPrefix(key) }, "\(key) is missing in \(found)") }
        #expect(found.count == wanted.count, "\(found)")
        let slots = try #require(found.first { $0.hasPrefix("script.slots") })
        #expect(
            slots == "script.slots: found \"1.5\" in YTEMPIRE_SCRIPT_SLOTS; it should be a whole number from 1 to 256")
        #expect(found.contains { $0.contains("it should be one of automatic, software") })
    }

    @Test func `asks Pexels where there is a key, other stock libraries where a person says so`() async throws {
        let none = try await load("").stock
        #expect(none.pexels == nil && none.unsplash == nil && none.pixabay == nil && none.preference == .mixed)
        #expect(none.rest == .seconds(30 * 86_400) && none.sizeLimit == 300)
        let some = try await load(
            "stock:\n  prefer: photos\n  unsplash:\n    calls-an-hour: 5000\n",
            ["YTEMPIRE_STOCK_PIXABAY_ENABLED": "true"],
            credentials: ["stock-pexels-key": "px", "stock-unsplash-key": "un", "stock-pixabay-key": "pb\n"]
        ).stock
        #expect(some.pexels?.key == Secret("px") && some.pexels?.calls == 200)
        #expect(some.unsplash == nil, "a key alone does not switch it on")
        #expect(some.pixabay?.key == Secret("pb") && some.pixabay?.url == "https://pixabay.com/api")
        #expect(some.preference == .photos && !"\(some)".contains("pb"))
        let found = try await problems(
            """
            stock:
              prefer: cats
              unsplash:
                enabled: true
              pexels:
                key: secret-of-mine
                url: http://pexels.example/v1
            """, for: .worker(.render))
        #expect(found.count == 3 && !found.joined().contains("secret-of-mine"), "\(found)")
        for key in ["stock.prefer", "stock.unsplash.key", "stock.pexels.url"] {
            #expect(found.contains { $0.hasPrefix(key) }, "\(found)")
        }
    }

    @Test func `names the nearest key for one it does not know, in files and variables`() async throws {
        let found = try await problems(
            "redis:\n  ulr: redis://h\nworkers:\n  drain: 3s\n", ["YTEMPIRE_MONEY_DAYCEILING": "3"])
        #expect(found.count == 3, "\(found)")
        #expect(found.contains { $0.hasPrefix("redis.ulr in ") && $0.hasSuffix("the nearest is redis.url") })
        #expect(found.contains { $0.hasPrefix("workers.drain in ") && $0.hasSuffix("the nearest is worker.drain") })
        #expect(
            found.contains { $0.hasPrefix("YTEMPIRE_MONEY_DAYCEILING") && $0.hasSuffix("YTEMPIRE_MONEY_DAY_CEILING") })
    }

    @Test func `takes a Redis Cluster's servers, and partitions to spread over them`() async throws {
        let configuration = try await load(
            "redis:\n  url: rediss+cluster://fleet:secret@10.0.0.1,10.0.0.2:7001\nfleet:\n  partitions: 6\n")
        #expect(
            configuration.redis.clusterSeeds == [
                .tcp(host: "10.0.0.1", port: 6_379), .tcp(host: "10.0.0.2", port: 7_001),
            ])
        #expect(configuration.redis.tls != nil && configuration.partitions == 6)
        #expect(try await load("").partitions == 1)
    }

    @Test(arguments: [
        "redis+cluster://10.0.0.1,10.0.0.2/3", "redis://10.0.0.1,10.0.0.2", "redis+cluster://10.0.0.1,:x",
    ])
    func `refuses what is no Redis Cluster's address`(_ url: String) async throws {
        let found = try await problems("redis:\n  url: \(url)\n", [:])
        #expect(found.count == 1 && found[0].hasPrefix("redis.url"), "\(found)")
    }

    @Test func `refuses a stage's limit that is too low to be divided among the partitions`() async throws {
        let found = try await problems(
            """
            fleet:
              partitions: 4
            render:
              at-once: 3
              at-once-per-host: 4
            upload:
              at-once: 4
              at-once-per-host: 1
            """, [:])
        #expect(found.count == 2, "\(found)")
        #expect(found.contains { $0.hasPrefix("render.at-once in ") && $0.contains("fleet.partitions (4)") })
        #expect(found.contains { $0.hasPrefix("upload.at-once-per-host in ") && $0.contains("upload.slots") })
    }

    @Test func `wants a single value where one belongs`() async throws {
        let list = try await problems("database:\n  url:\n    - a\n    - b\n")
        #expect(list.contains { $0.contains("database.url") }, "\(list)")
        let mapping = try await problems("worker: 5\n")
        #expect(mapping.contains { $0.contains("worker") && $0.contains("there is no such key") }, "\(mapping)")
    }

    @Test func `takes numbers and truths that YAML has its own types for`() async throws {
        let configuration = try await load(
            "render:\n  short-side: 720\n  slots: 3\nsources:\n  allow-private: true\nworker:\n  drain: 90\nmoney:\n  day-ceiling: 2.5\n"
        )
        #expect(configuration.render.shortSide == 720 && configuration.worker.slots[.render] == 3)
        #expect(configuration.allowPrivateSources && configuration.worker.drain == .seconds(90))
        #expect(configuration.money.dayCeiling == 2_500_000)
    }

    @Test(arguments: [
        ("90", 90_000), ("90s", 90_000), ("1.5h", 5_400_000), ("15m", 900_000), ("2d", 172_800_000), ("250ms", 250),
        ("0", 0),
    ])
    func `reads durations`(_ text: String, _ milliseconds: Int) {
        #expect(Duration(written: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "soon", "-1s", "1w", "1h30m", "nan", "infd", "1e99d", "0x10", "1 s"])
    func `refuses what is no duration`(_ text: String) {
        #expect(Duration(written: text) == nil)
    }

    @Test(arguments: [
        "database:\n  url: 'postgres//me:hunter2@h/x'\n",
        "database:\n  url: 'postgresql://me:hunter2@h/x?sslmod=require'\n",
        "database:\n  url: 'host=h password=hunter2 x'\n",
        "redis:\n  url: 'redis://me:hunter2@host:99999'\n", "redis:\n  url: 'http://me:hunter2@host'\n",
        "redis:\n  url: 'redis://me:hunter2@host/x'\n", "redis:\n  url: 'me:hunter2@host'\n",
    ])
    func `never prints a password, however wrong what holds it is`(_ yaml: String) async throws {
        let found = try await problems(yaml).joined(separator: "\n")
        #expect(found.contains(yaml.hasPrefix("redis") ? "redis.url" : "database.url"), "\(found)")
        #expect(!found.contains("hunter2"), "\(found)")
        let secret = String(yaml.dropFirst(yaml.prefix { $0 != "'" }.count + 1).prefix { $0 != "'" })
        let variable = yaml.hasPrefix("redis") ? "YTEMPIRE_REDIS_URL" : "YTEMPIRE_DATABASE_URL"
        #expect(try await !problems(nil, [variable: secret]).joined().contains("hunter2"))
        let credential = yaml.hasPrefix("redis") ? "redis-url" : "database-url"
        #expect(try await !problems("", credentials: [credential: secret]).joined().contains("hunter2"))
    }

    @Test(arguments: ["a b", "A", "größe", "a:b", "{a}", "123456789012345678901234567890123"])
    func `refuses a namespace that can't be part of a key`(_ name: String) async throws {
        let found = try await problems("fleet:\n  namespace: '\(name)'\n")
        #expect(found.count == 1 && found[0].hasPrefix("fleet.namespace: found \"\(name)\""), "\(found)")
    }

    @Test func `that is no YAML is refused without repeating it`() async throws {
        let found = try await problems("redis:\n  url: redis://:hunter2@h/0\n database: [")
        #expect(found.count == 1 && found[0].contains("line"), "\(found)")
        #expect(!found[0].contains("hunter2"))
    }

    @Test func `says that the folder of credentials can't be read`() async throws {
        let found = try await problems(nil, ["CREDENTIALS_DIRECTORY": "/no/such/folder"])
        #expect(found.count == 1 && found[0].contains("/no/such/folder"), "\(found)")
    }
}
