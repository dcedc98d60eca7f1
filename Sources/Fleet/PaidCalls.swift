import Crypto
package import Failpoints
package import FoundationEssentials
package import Ledger
package import Logging
import Postgres
package import Production
import Telemetry

/// The one door through which money is spent: reserve → note that it is sent → call → keep the answer → settle.
///
/// Whoever asks the same again finds the kept answer and pays nothing. A call is repeated only if its answer was lost to
/// a crash between the bill and the keeping; then the first stands in the ledger in doubt, and both below the ceilings. What
/// dies before it has noted that it sends has certainly cost nothing.
package struct PaidCalls: Sendable {
    private let ledger: Ledger
    private let responses: any ResponseStore
    private let limits: @Sendable (ProviderName) -> ProviderLimits
    private let ids: @Sendable () -> UUID
    private let now: @Sendable () -> Date
    private let failpoints: Failpoints
    private let logger: Logger

    package init(
        ledger: Ledger, responses: any ResponseStore, limits: @escaping @Sendable (ProviderName) -> ProviderLimits,
        ids: @escaping @Sendable () -> UUID, now: @escaping @Sendable () -> Date = { Date() },
        failpoints: Failpoints = .off, logger: Logger
    ) {
        (self.ledger, self.responses, self.limits, self.ids) = (ledger, responses, limits, ids)
        (self.now, self.failpoints, self.logger) = (now, failpoints, logger)
    }

    /// Answers a request, from the store or by `call`, which is made at most once here and told the reservation's id: a
    /// provider that takes an idempotency key gets that.
    ///
    /// `call` throws `NotBilled` where it knows that nothing was billed; whatever else it throws leaves the bill in doubt.
    ///
    /// - Throws: `StageFailure`: limited until the next money day, or until the provider's rate opens; permanent if the
    ///   video's own ceiling has no room. Where a ceiling refuses, it is named by the failure's `shortOf`. `FenceRisen` if
    ///   nothing more may be spent for the attempt. What `call` throws.
    package func answer(
        to request: PaidRequest, for attempt: OpenAttempt, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        let hash = try request.hash()
        while true {
            try Task.checkCancellation()
            if let body = try await kept(hash) { return body }
            try await responses.checkRoom(bytes: Self.largestAnswer)
            let id = ids()
            try await failpoints.reach(.reserveBefore, job: attempt.job.rawValue)
            let reservation = ReservationRequest(
                id: id, attempt: attempt.id, provider: request.provider, item: request.item,
                upperBound: request.upperBound, request: hash, timeLimit: request.timeLimit + Self.grace,
                limits: limits(request.provider), unsent: true)
            let (answer, late) = try await releasing(id) {
                let answer = try await ledger.reserve(reservation)
                guard answer == .reserved else { return (answer, [UInt8]?.none) }
                try await failpoints.reach(.reserveAfter, job: attempt.job.rawValue)
                // Another's call may have ended between the look into the store and the reservation.
                return (answer, try await kept(hash))
            }
            switch answer {
            case .reserved:
                if let late {
                    await end(ReservationEnd(id, .released))
                    return late
                }
                let maySend = try await releasing(id) {
                    try await failpoints.reach(.providerCallBefore, job: attempt.job.rawValue)
                    return try await ledger.send(id)
                }
                guard maySend else {
                    await end(ReservationEnd(id, .released))
                    continue  // the attempt has ended, or others took the reservation for given up: begin again
                }
                return try await spend(id, request, hash, attempt.job.rawValue, call)
            case .taken(let until):
                // Its holder is another attempt, perhaps in another process: there is nothing to await but time.
                if until < now() { _ = try await ledger.settleOrphans(from: responses) }
                try await Task.sleep(for: .milliseconds(250))
            case .tooManyAtOnce:
                try await Task.sleep(for: .seconds(1))
            case .tooMany(let until):
                let wait = until.timeIntervalSince(now())
                guard wait < Self.patience else {
                    throw Self.limited(request, attempt, until: until, "its rate is used up")
                }
                try await Task.sleep(for: .seconds(max(wait, 0.01)))
            case .refused(by: .video): throw await tooDear(request, attempt)
            case .refused(by: let ceiling):
                let what = ceiling == .day ? "the day's money" : "the provider's money of the day"
                throw Self.limited(
                    request, attempt, until: try await ledger.nextMoneyDay(), "\(what) is used up",
                    shortOf: ceiling == .day ? .day : .provider)
            case .paused, .revoked: throw FenceRisen()
            case .ended: continue  // a reservation of this very moment, ended by somebody: begin again
            }
        }
    }

    /// The kept answer, if there is one, settled should its keeper have died before it could.
    private func kept(_ hash: RequestHash) async throws -> [UInt8]? {
        guard let kept = try await responses.find(hash) else { return nil }
        try await ledger.end(ReservationEnd(kept.reservation, .settled(kept.costs, kept: true)))
        try await ledger.used(hash)
        return kept.body
    }

    /// Does what comes before the call. Where that fails, the reservation is given back, though its answer may have been
    /// lost: no byte of the call was sent.
    private func releasing<Answer>(_ id: UUID, _ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch {
            await end(ReservationEnd(id, .released))
            throw error
        }
    }

    /// Makes the call under its reservation, and sees to it that the reservation ends, whatever happens to this task.
    private func spend(
        _ id: UUID, _ request: PaidRequest, _ hash: RequestHash, _ job: Int64,
        _ call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        let answer: PaidAnswer
        do {
            answer = try await Self.within(request.timeLimit) {
                let answer = try await call(id)
                try await failpoints.reach(.providerCallAfter, job: job)
                return answer
            }
        } catch let error as NotBilled {
            await end(ReservationEnd(id, .released))
            throw error.failure
        } catch {
            await end(ReservationEnd(id, .inDoubt))
            throw error
        }
        // It is paid for: a drain or a time limit that falls just here must not lose it. Awaited here and now.
        await Task {
            var kept = false
            do {
                try await failpoints.reach(.responseKeepBefore, job: job)
                try await responses.keep(
                    KeptResponse(reservation: id, costs: answer.costs, body: answer.body), for: hash)
                kept = true
                try await failpoints.reach(.responseKeepAfter, job: job)
                try await failpoints.reach(.settleBefore, job: job)
            } catch {
                logger.error(
                    kept
                        ? "answer kept, then a fault"
                        : "answer not kept: should this attempt fail, it is paid for again",
                    metadata: [LogKey.reason: "\(request.provider)", LogKey.error: "\(error)"])
            }
            await end(ReservationEnd(id, .settled(answer.costs, kept: kept)))
            try? await failpoints.reach(.settleAfter, job: job)
        }.value
        return answer.body
    }

    /// Ends a reservation in a task of its own, so that it ends though this one was cancelled. Where Postgres is away, it
    /// stays open, and is settled from the kept answer, or put in doubt, after its deadline.
    private func end(_ end: ReservationEnd) async {
        do {
            _ = try await Task { try await ledger.end(end) }.value
        } catch {
            logger.warning("reservation left to its deadline", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func tooDear(_ request: PaidRequest, _ attempt: OpenAttempt) async -> StageFailure {
        var standing = ""
        if let counter = try? await ledger.counter("video", attempt.job.description) {
            standing =
                " of \(counter.ceiling) USD: \(counter.spent) are spent, \(counter.held) are held for other calls, and this"
                + " one may cost \(request.upperBound)"
        }
        return StageFailure(
            .permanent, provider: request.provider, asked: "hold \(request.upperBound) USD for \(request.model)",
            answer: "the video's ceiling\(standing); raise money.video-ceiling and retry the job",
            shortOf: .video)
    }

    private static func limited(
        _ request: PaidRequest, _ attempt: OpenAttempt, until: Date, _ why: String,
        shortOf ceiling: StageFailure.Ceiling? = nil
    ) -> StageFailure {
        // What opens at one moment is spread over the minutes after it, each job at its own.
        let spread = TimeInterval(attempt.job.rawValue % 300)
        return StageFailure(
            .limited(until: until + spread), provider: request.provider,
            asked: "hold \(request.upperBound) USD for \(request.model)", answer: why, shortOf: ceiling)
    }

    private static func within<Answer: Sendable>(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw CallTimedOut(limit: limit)
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    /// Between a call's end and the moment its reservation counts as an orphan: the time to keep and settle.
    private static let grace: Duration = .seconds(30)
    /// An attempt waits for so many seconds for a provider's rate to open; for longer, its job is parked.
    private static let patience = 5.0
    /// Room that must be left in the store before money is spent, bytes: an hour of speech as MP3.
    private static let largestAnswer: Int64 = 64 << 20
}

/// A paid call that took longer than its limit. What it did is not known.
package struct CallTimedOut: Error, CustomStringConvertible {
    let limit: Duration

    package var description: String { "no answer within \(limit.inSeconds) s; whether it was billed is not known" }
}

extension PaidRequest {
    package func hash() throws -> RequestHash {
        var hash = SHA256()
        // Lengths, so that no two requests run together into the same bytes.
        var parts = [Array(provider.rawValue.utf8), Array(model.utf8), body, Array("\(ordinal)".utf8)]
        if !scope.isEmpty { parts.append(Array(scope.utf8)) }
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: part)
        }
        // Cannot fail: a SHA-256 digest has the 32 bytes that the name needs.
        guard let hash = RequestHash(bytes: Array(hash.finalize())) else { throw CryptoKitError.incorrectParameterSize }
        return hash
    }
}
