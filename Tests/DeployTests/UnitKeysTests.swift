import Foundation
import Production
import Testing

@testable import Fleet

/// What the units hand over, against what the programs ask for.
@Suite struct `The keys that systemd hands over` {
    private static let programs: [(unit: String, program: FleetProgram)] =
        Stage.allCases.map { ("ytempire-\($0)@.service", .worker($0)) } + [
            ("ytempire-coordinator.service", .coordinator), ("ytempire-metrics.service", .command),
        ]

    /// Names of credentials, and of the files in `/etc/credstore`.
    private func handed(by unit: String) throws -> [(name: String, file: String)] {
        let text = try String(
            contentsOf: Command.clone.appending(path: "Deploy/systemd/\(unit)"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            line.wholeMatch(of: /LoadCredential=([^:]+):(.+)/).map { (String($0.1), String($0.2)) }
        }
    }

    @Test(arguments: programs)
    func `are enough for its program, with every provider set up`(unit: String, program: FleetProgram) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let values = ["database-url": "postgresql:///x", "redis-url": "redis://h", "webhooks-urls": "https://h/x"]
        for (name, file) in try handed(by: unit) {
            #expect(file == "ytempire.\(name)")
            try Data((values[name] ?? "secret").utf8).write(to: folder.appending(path: name))
        }
        let yaml = folder.appending(path: "ytempire.yaml")
        try Data(
            """
            openai: {models: gpt-a, speech-model: tts-a}
            elevenlabs: {voices: abc}
            stock: {unsplash: {enabled: true}, pixabay: {enabled: true}}
            publish: {to: youtube}
            youtube: {client-id: 1-a.apps.googleusercontent.com}
            artifacts: {s3: {bucket: videos}}
            """.utf8
        ).write(to: yaml)
        _ = try await FleetConfiguration.load(
            file: yaml.path, environment: ["CREDENTIALS_DIRECTORY": folder.path], for: program)
    }

    @Test func `are its program's own, and no other's`() throws {
        let servers: Set = ["database-url", "redis-url"]
        let common = servers.union([
            "artifacts-s3-access-key", "artifacts-s3-secret-key", "artifacts-s3-session-token", "webhooks-urls",
            "webhooks-secret", "webhooks-token",
        ])
        let own: [FleetProgram: Set<String>] = [
            .worker(.script): common.union(["openai-key"]),
            .worker(.voice): common.union(["openai-key", "elevenlabs-key"]),
            .worker(.render): common.union(["stock-pexels-key", "stock-unsplash-key", "stock-pixabay-key"]),
            .worker(.upload): common.union(["youtube-client-secret", "secret-keys"]),
            .coordinator: common, .command: servers,
        ]
        for (unit, program) in Self.programs {
            #expect(try Set(handed(by: unit).map(\.name)) == own[program], "\(unit)")
        }
    }

    @Test func `are those that a command of root's reads by itself`() throws {
        var names: Set<String> = []
        for (unit, _) in Self.programs { names.formUnion(try handed(by: unit).map(\.file)) }
        // The tokens' keys are a file of their own to whoever opens tokens.
        names.remove("ytempire.secret-keys")
        #expect(names == Set(ConfigurationSource.secretKeys.map { ConfigurationSource.storeName(of: $0) }))
    }
}
