import FleetPeers
import Foundation
import HTTP
import NIOHTTP1
import Production
import ProviderPeers
import TestServers
import Testing

/// A fleet whose every provider is a real adapter on a loopback peer: OpenAI writes, ElevenLabs speaks, Pexels shows, an S3
/// server keeps, YouTube publishes.
struct ConnectedFleet {
    let fleet: TestFleet
    let peers: FleetPeers
    let store: StrictS3
    /// The cache of artifacts, and the file of keys.
    let folder: URL

    /// - Parameters:
    ///   - settings: beside those that connect it.
    ///   - redis: as ``TestFleet`` takes it.
    static func with(
        _ peers: FleetPeers, _ settings: [String: String] = [:], secretKey: String = StrictS3.secretKey,
        redis: PrivateRedis? = nil, _ body: (ConnectedFleet) async throws -> Void
    ) async throws {
        let store = try await StrictS3(secretKey: secretKey)
        let own = FileManager.default.temporaryDirectory.appending(path: "connected-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: own) }
        let connecting = peers.settings.merging([
            "artifacts.s3.bucket": StrictS3.bucket, "artifacts.s3.endpoint": store.address,
            "artifacts.s3.region": StrictS3.region, "artifacts.s3.access-key": StrictS3.accessKey,
            "artifacts.s3.secret-key": secretKey, "artifacts.s3.cache-path": own.appending(path: "cache").path,
            "secrets.key-file": own.appending(path: "secret-keys").path, "publish.to": "youtube",
            "retry.attempts": "8",
        ]) { _, new in new }
        try await TestFleet.with(connecting.merging(settings) { _, new in new }, redis: redis) { fleet in
            try await fleet.succeed("secret", "key")
            try await body(ConnectedFleet(fleet: fleet, peers: peers, store: store, folder: own))
        }
    }

    /// Connects an account as a person does: by opening the address that the command shows, and saying yes.
    ///
    /// - Returns: all that the command has printed.
    @discardableResult
    func connect(_ account: String, _ choices: String...) async throws -> String {
        let command = try ServerProcess(
            Programs.path("ytempire"),
            ["account", "connect", account, "--config", fleet.configuration] + choices, in: ServerFolder())
        let deadline = ContinuousClock.now + .seconds(30)
        var page: String?
        while page == nil {
            try #require(ContinuousClock.now < deadline, "no address to open: \(command.log)")
            page = command.log.split(whereSeparator: \.isWhitespace).map(String.init).first {
                $0.hasPrefix("http://127.0.0.1")
            }
            // It prints when it is ready; this is the interval of a look.
            try await Task.sleep(for: .milliseconds(20))
        }
        let reply = try await HTTPCaller().call(HTTPCall(.GET, page ?? "", redirects: 3))
        #expect(reply.status == 200)
        await command.exited()
        return command.log
    }

    /// A reply of a command as JSON.
    func told(_ words: String...) async throws -> [String: Any] {
        let ended = try await fleet.run(words + ["--json"])
        try #require(ended.status == 0, "\(ended)")
        return try #require(ended.json() as? [String: Any], "\(ended)")
    }
}

/// Lets whoever comes wait until it is opened, and tells that somebody came.
struct Gate: Sendable {
    private let coming: AsyncStream<Void>
    private let come: AsyncStream<Void>.Continuation
    private let opening: AsyncStream<Void>
    private let opener: AsyncStream<Void>.Continuation

    init() {
        (coming, come) = AsyncStream.makeStream()
        (opening, opener) = AsyncStream.makeStream()
    }

    /// For whoever comes: returns once the gate is open, at once where it is open already.
    func pass() async {
        come.yield()
        for await _ in opening {}
    }

    /// Returns once somebody has come.
    func reached() async { for await _ in coming { return } }

    func open() { opener.finish() }
}
