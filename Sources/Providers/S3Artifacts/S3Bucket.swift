import FoundationEssentials
import HTTP
import NIOHTTP1
import Production
import ProviderCalling
import Synchronization

/// One bucket: signs requests, sends them, and sends them again where that may help. All of S3's requests that are made
/// here may be repeated without harm.
final class S3Bucket: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// Of the object, with the prefix; nil for the bucket itself.
        var key: String?
        var query: [(name: String, value: String)] = []
        /// Signed as they are.
        var headers: [(name: String, value: String)] = []
        var body: HTTPCall.Body = .none
        /// The body's SHA-256 in hexadecimal.
        var payload = S3Bucket.emptyPayload
        /// Bytes
        var answerLimit = 16 << 20
        var headTimeout = Duration.seconds(60)
        /// Whether an answer with status 200 may carry an error.
        var failsLate = false
        /// Nil: as often as the settings say.
        var tries: Int?
    }

    let settings: S3Settings
    private let address: S3Address
    private let publicAddress: S3Address
    private let signer: SigV4
    private let line: ProviderLine
    private let now: @Sendable () -> Date
    private let pause: @Sendable (Duration) async throws -> Void
    private let conditional: Mutex<Bool>

    static let provider: ProviderName = "s3"
    static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    init(
        _ settings: S3Settings, by caller: HTTPCaller, now: @escaping @Sendable () -> Date,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) throws(S3SettingsFault) {
        func check(_ isRight: Bool, _ key: String, _ reason: String) throws(S3SettingsFault) {
            if !isRight { throw S3SettingsFault(key: key, reason: reason) }
        }
        try check(!settings.accessKey.isEmpty, "access-key", "is missing")
        try check(!settings.secretKey.value.isEmpty, "secret-key", "is missing")
        try check(
            !settings.region.isEmpty && !settings.region.contains("/"), "region", "is missing, or no region's name")
        try check(settings.partSize > 0, "part-size", "should be more than nothing")
        try check((1...64).contains(settings.partsAtOnce), "parts-at-once", "should be 1 to 64")
        try check(settings.tries > 0, "tries", "should be at least 1")
        try check(
            !settings.prefix.hasPrefix("/") && !settings.prefix.hasSuffix("/"), "prefix",
            "should have no slash at its ends")
        self.settings = settings
        address = try S3Address(endpoint: settings.endpoint, bucket: settings.bucket, addressing: settings.addressing)
        publicAddress = try S3Address(
            endpoint: settings.publicEndpoint ?? settings.endpoint, key: "public-endpoint", bucket: settings.bucket,
            addressing: settings.addressing)
        signer = SigV4(
            accessKey: settings.accessKey, secretKey: settings.secretKey, sessionToken: settings.sessionToken,
            region: settings.region)
        line = ProviderLine(
            to: Self.provider, by: caller, secrets: [settings.secretKey] + (settings.sessionToken.map { [$0] } ?? []),
            now: now)
        (self.now, self.pause) = (now, pause)
        conditional = Mutex(settings.conditional)
    }

    /// `PREFIX/name`
    func key(_ name: String) -> String { settings.prefix.isEmpty ? name : "\(settings.prefix)/\(name)" }

    /// `s3://bucket/key`, for people.
    func shown(_ key: String? = nil) -> String { "s3://\(settings.bucket)" + (key.map { "/\($0)" } ?? "") }

    /// `https://host`, for people.
    var shownEndpoint: String { address.url(path: "", query: "") }

    /// Makes a request, again and again while its failure may go away.
    ///
    /// - Parameter asked: in words for a person: "store s3://bucket/key".
    /// - Returns: the last reply, and the refusal in it.
    /// - Throws: a transient `StageFailure` if there is none; `CancellationError`.
    func ask(_ request: Request, _ asked: String) async throws -> (reply: HTTPReply, refusal: S3Refusal?) {
        try await repeating(request, asked) { try await self.line.send($0, asked: asked) }
    }

    /// Makes a request whose success alone is of use.
    ///
    /// - Throws: `StageFailure` for a refusal too.
    @discardableResult
    func demand(_ request: Request, _ asked: String) async throws -> HTTPReply {
        let (reply, refusal) = try await ask(request, asked)
        if let refusal { throw failure(refusal, reply, asked) }
        return reply
    }

    /// Writes an object into a file that did not exist or is replaced. If anything fails, there is none.
    func download(_ key: String, to path: String, bytes: Int64) async throws {
        let request = Request(method: .GET, key: key, answerLimit: Int(bytes))
        let asked = "fetch \(shown(key))"
        let (reply, refusal) = try await repeating(request, asked, expecting: bytes) {
            try await self.line.download($0, to: path, asked: asked)
        }
        if let refusal { throw failure(refusal, reply, asked) }
    }

    /// An address at which anybody may read the object for a while.
    func link(to key: String, query: [(name: String, value: String)], seconds: Int) -> String {
        let path = publicAddress.path(of: key)
        let subject = SigV4.Subject(
            method: "GET", path: path, query: query, headers: [("host", publicAddress.host)], payload: SigV4.unsigned)
        return publicAddress.url(path: path, query: signer.query(for: subject, at: now(), expires: seconds))
    }

    func failure(_ refusal: S3Refusal, _ reply: HTTPReply, _ asked: String) -> StageFailure {
        refusal.isTransient
            ? line.transient(reply, asked: asked, answer: refusal.words)
            : line.failure(.permanent, asked: asked, answer: refusal.words)
    }

    func failure(_ kind: StageFailure.Kind, _ asked: String, _ answer: String) -> StageFailure {
        line.failure(kind, asked: asked, answer: answer)
    }

    /// The condition under which an object is only made, never replaced; nothing where the server doesn't know it.
    var onlyNew: [(name: String, value: String)] {
        conditional.withLock { $0 } ? [("If-None-Match", "*")] : []
    }

    /// From now on there are no conditions. Answers whether there were.
    func giveUpConditions() -> Bool {
        conditional.withLock { known in
            defer { known = false }
            return known
        }
    }

    private func repeating(
        _ request: Request, _ asked: String, expecting bytes: Int64 = 0, _ send: (HTTPCall) async throws -> HTTPReply
    ) async throws -> (reply: HTTPReply, refusal: S3Refusal?) {
        let tries = request.tries ?? settings.tries
        var random = SystemRandomNumberGenerator()
        var failures = 0
        while true {
            let wait: Duration?
            do {
                let reply = try await send(signed(request, expecting: bytes))
                let refusal = S3Refusal(reply, late: request.failsLate)
                guard let refusal, refusal.isTransient, failures + 1 < tries else { return (reply, refusal) }
                wait = reply.retryAfter(now: now()).map { min($0, Self.longestWish) }
            } catch let failure as StageFailure {
                guard case .transient(let wish) = failure.kind, failures + 1 < tries else { throw failure }
                wait = wish
            }
            failures += 1
            try await pause(wait ?? settings.backoff.delay(afterFailures: failures, using: &random))
        }
    }

    /// Signed anew for each try: signatures age.
    private func signed(_ request: Request, expecting bytes: Int64) -> HTTPCall {
        let path = address.path(of: request.key)
        let subject = SigV4.Subject(
            method: request.method.rawValue, path: path, query: request.query,
            headers: [("Host", address.host)] + request.headers, payload: request.payload)
        let headers = subject.headers + signer.headers(for: subject, at: now())
        let transfer = Duration.seconds((request.body.count + bytes) / Self.slowest)
        return HTTPCall(
            request.method, address.url(path: path, query: SigV4.query(request.query)),
            headers: HTTPHeaders(headers.map { ($0.name, $0.value) }), body: request.body,
            headTimeout: request.headTimeout, timeout: .seconds(120) + request.headTimeout + transfer,
            answerLimit: request.answerLimit)
    }

    /// A wish for a longer pause is cut to this: the stage's own backoff is for more.
    private static let longestWish = Duration.seconds(30)
    /// Bytes a second: whatever is slower never ends.
    private static let slowest: Int64 = 32 << 10
}
