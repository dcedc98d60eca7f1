package import FoundationEssentials
package import HTTP
package import Ledger
package import Logging
import NIOHTTP1
package import Production
import Telemetry

/// Delivers what happened to those who want to hear of it: signed, at least once, again for a day.
///
/// A delivery is taken in Postgres for a minute, so any number of these may run, and one that is killed loses nothing. A
/// receiver that must not act twice looks at `event_id`.
package struct WebhookSender: Sendable {
    private let ledger: Ledger
    private let http: HTTPCaller
    private let targets: [WebhookTarget]
    private let secret: Secret?
    private let token: Secret?
    private let backoff: Backoff
    private let now: @Sendable () -> Date
    private let logger: Logger

    /// - Parameters:
    ///   - secret: signs; nil: nothing is signed.
    ///   - token: is sent as `Ytempire-Token`, for receivers that can compare a header and no more; nil: it is not.
    package init(
        ledger: Ledger, http: HTTPCaller, targets: [WebhookTarget], secret: Secret?, token: Secret? = nil,
        backoff: Backoff = Backoff(base: .seconds(5), cap: .seconds(900)),
        now: @escaping @Sendable () -> Date = { Date() }, logger: Logger
    ) {
        (self.ledger, self.http, self.targets, self.secret, self.token) = (ledger, http, targets, secret, token)
        (self.backoff, self.now, self.logger) = (backoff, now, logger)
    }

    /// Delivers until cancelled.
    package func run(every pause: Duration = .seconds(3)) async {
        guard !targets.isEmpty else { return }
        while !Task.isCancelled {
            do {
                while try await deliver() > 0 {}
            } catch is CancellationError {
                return
            } catch {
                logger.warning("webhooks wait", metadata: [LogKey.error: "\(error)"])
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Tries once what is due, and answers how many that were.
    @discardableResult
    package func deliver() async throws -> Int {
        let names = targets.map(\.name)
        try await ledger.spreadNotices(to: names)
        let deliveries = try await ledger.takeDeliveries(to: names, limit: Self.atOnce)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for delivery in deliveries { group.addTask { try await attempt(delivery) } }
            try await group.waitForAll()
        }
        return deliveries.count
    }

    private func attempt(_ delivery: WebhookDelivery) async throws {
        guard let target = targets.first(where: { $0.name == delivery.target }) else { return }
        let (verdict, answer) = try await send(delivery, to: target)
        var outcome = verdict
        if case .again(let pause) = verdict, now() + pause.inSeconds > delivery.deadline { outcome = .givenUp }
        try await ledger.end(delivery, outcome, answer: answer)
        if outcome == .givenUp {
            logger.error(
                "webhook given up",
                metadata: [LogKey.reason: "\(delivery.kind) to \(target.name)", LogKey.error: "\(answer)"])
        }
    }

    private func send(_ delivery: WebhookDelivery, to target: WebhookTarget) async throws -> (WebhookOutcome, String) {
        let body = Array(delivery.body.utf8)
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Ytempire-Event": delivery.kind,
            "Ytempire-Event-Id": delivery.notice.uuidString.lowercased(),
        ]
        if let secret {
            let signature = WebhookSignature(of: body, at: now(), by: secret)
            headers.add(name: "Ytempire-Timestamp", value: signature.timestamp)
            headers.add(name: "Ytempire-Signature", value: signature.value)
        }
        if let token { headers.add(name: "Ytempire-Token", value: token.value) }
        let call = HTTPCall(
            .POST, target.url.value, headers: headers, body: .bytes(body), headTimeout: .seconds(20),
            timeout: .seconds(30), answerLimit: 64 << 10)
        var random = SystemRandomNumberGenerator()
        let pause = backoff.delay(afterFailures: delivery.tries, using: &random)
        do {
            let reply = try await http.call(call)
            let said = redact("\(reply.status) \(reply.excerpt(200))", target)
            switch reply.status {
            case 200..<300: return (.delivered, said)
            case 410: return (.givenUp, said)
            case 408, 425, 429, 500...599:
                return (.again(after: max(pause, reply.retryAfter(now: now()) ?? .zero)), said)
            // For a person to mend over there: n8n's 404 is a workflow that is switched off, its 403 a wrong token.
            default: return (.again(after: Self.slow), said)
            }
        } catch let fault as HTTPFault {
            return (fault.code == .badURL ? .givenUp : .again(after: pause), redact(fault.reason, target))
        }
    }

    private func redact(_ text: String, _ target: WebhookTarget) -> String {
        Redactor([target.url, secret, token].compactMap { $0?.value })(text)
    }

    /// Between two tries at a receiver that refuses.
    private static let slow: Duration = .seconds(900)
    /// Deliveries under way.
    private static let atOnce = 8
}

extension Duration {
    fileprivate var inSeconds: TimeInterval { self / .seconds(1) }
}
