package import FoundationEssentials
package import HTTP
package import Production

/// The way to one provider: makes its calls, and tells what went wrong with them in words that carry no secret.
package struct ProviderLine: Sendable {
    package let provider: ProviderName
    private let caller: HTTPCaller
    private let redact: Redactor
    private let now: @Sendable () -> Date

    package init(
        to provider: ProviderName, by caller: HTTPCaller, secrets: [Secret],
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.provider, self.caller, self.now) = (provider, caller, now)
        redact = Redactor(secrets.map(\.value))
    }

    /// The same way with more that must not be seen, such as a token that was just given.
    package func hiding(_ secrets: [Secret]) -> ProviderLine {
        ProviderLine(provider: provider, caller: caller, redact: redact.adding(secrets.map(\.value)), now: now)
    }

    private init(provider: ProviderName, caller: HTTPCaller, redact: Redactor, now: @escaping @Sendable () -> Date) {
        (self.provider, self.caller, self.redact, self.now) = (provider, caller, redact, now)
    }

    /// Makes a call that costs nothing.
    ///
    /// - Parameter asked: what is asked for, in words for a person: "search Pexels for \"lighthouse\"".
    /// - Throws: a transient `StageFailure` if there is no answer; `CancellationError`.
    package func send(_ call: HTTPCall, asked: String) async throws -> HTTPReply {
        do { return try await caller.call(call) } catch let fault as HTTPFault { throw failure(fault, asked: asked) }
    }

    /// Makes a call that may be billed: for use inside `Spending.answer(to:call:)`.
    ///
    /// - Throws: `NotBilled` if certainly no byte of it was sent; a transient `StageFailure`, which leaves the bill in doubt, if
    ///   there is no answer; `CancellationError`.
    package func sendPaid(_ call: HTTPCall, asked: String) async throws -> HTTPReply {
        do {
            return try await caller.call(call)
        } catch let fault as HTTPFault {
            let failure = failure(fault, asked: asked)
            if fault.mayHaveSent { throw failure }
            throw NotBilled(failure)
        }
    }

    /// Writes a successful answer's body into a file; costs nothing.
    package func download(_ call: HTTPCall, to path: String, asked: String) async throws -> HTTPReply {
        do {
            return try await caller.download(call, to: path)
        } catch let fault as HTTPFault { throw failure(fault, asked: asked) }
    }

    /// An error of the provider's as a failure of the stage.
    ///
    /// - Parameter answer: the provider's own words; any secret in them is taken out here.
    package func failure(_ kind: StageFailure.Kind, asked: String, answer: String) -> StageFailure {
        StageFailure(kind, provider: provider, asked: redact(asked), answer: redact(answer))
    }

    /// A failure that may go away, to be tried again when the reply says so.
    package func transient(_ reply: HTTPReply, asked: String, answer: String) -> StageFailure {
        failure(.transient(retryAfter: reply.retryAfter(now: now())), asked: asked, answer: answer)
    }

    package func redacted(_ text: String) -> String { redact(text) }

    private func failure(_ fault: HTTPFault, asked: String) -> StageFailure {
        let isOurs = fault.code == .badURL
        return failure(isOurs ? .permanent : .transient(), asked: asked, answer: fault.description)
    }
}
