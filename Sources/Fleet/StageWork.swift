package import Failpoints
package import FoundationEssentials
package import Ledger
package import Production

/// What a worker does at its stage: the one thing in which the four executables differ.
package protocol StageWork: Sendable {
    var stage: Stage { get }

    /// Does the stage's work for one job.
    ///
    /// - Throws: `StageFailure` where the cause is understood; anything else counts as transient. `CancellationError`
    ///   when the task is cancelled; it must then return soon.
    func perform(_ task: StageTask) async throws -> StageOutcome
}

/// One attempt's work: what is to be done, and what it may use.
package struct StageTask: Sendable, Spending {
    package let assignment: JobAssignment
    package let attempt: OpenAttempt
    package let ledger: Ledger
    package let artifacts: any ArtifactStore
    package let paidCalls: PaidCalls
    /// The attempt's own folder, empty at its beginning and removed at its end.
    package let scratch: Scratch
    /// Tells live views how far the work is.
    package let report: @Sendable (StageProgress) -> Void
    package let failpoints: Failpoints

    package init(
        assignment: JobAssignment, attempt: OpenAttempt, ledger: Ledger, artifacts: any ArtifactStore,
        paidCalls: PaidCalls, scratch: Scratch, failpoints: Failpoints = .off,
        report: @escaping @Sendable (StageProgress) -> Void
    ) {
        (self.assignment, self.attempt, self.ledger, self.artifacts) = (assignment, attempt, ledger, artifacts)
        (self.paidCalls, self.scratch, self.report, self.failpoints) = (paidCalls, scratch, report, failpoints)
    }

    /// Comes to a place where a test may have something go wrong.
    package func reach(_ point: Failpoint) async throws {
        try await failpoints.reach(point, job: assignment.job.rawValue)
    }

    /// Has a call made that costs money, or finds its kept answer: `PaidCalls.answer`.
    package func answer(
        to request: PaidRequest, call: @escaping @Sendable (UUID) async throws -> PaidAnswer
    ) async throws -> [UInt8] {
        try await paidCalls.answer(to: request, for: attempt, call: call)
    }

    /// A file that an earlier stage made.
    package func file(_ kind: Artifact.Kind) async throws -> URL {
        guard let artifact = assignment.artifacts[kind] else {
            throw StageFailure(
                .permanent, provider: .own, asked: "find the job's \(kind.rawValue)",
                answer: "no earlier stage has made one")
        }
        do {
            return try await artifacts.file(of: artifact.id)
        } catch let fault as ArtifactFault {
            throw UnusableArtifact(kind: kind, fault: fault)
        }
    }

    /// A value that an earlier stage made, from its JSON.
    package func value<Value: Decodable & Sendable>(_ type: Value.Type, of kind: Artifact.Kind) async throws -> Value {
        try await scratch.value(type, from: file(kind))
    }

    /// Keeps a file as an artifact. Its row is made at once, so that retention knows it whatever becomes of the attempt.
    package func keep(_ file: URL) async throws -> Artifact {
        let artifact = try await artifacts.keep(file)
        try await ledger.claim([artifact])
        return artifact
    }

    /// Keeps a value as a JSON artifact.
    package func keep(_ value: some Encodable & Sendable, named name: String) async throws -> Artifact {
        try await keep(scratch.write(value, to: name))
    }
}

/// How far a stage is.
package struct StageProgress: Sendable, Equatable, Codable {
    /// 0 to 1
    package var fraction: Double
    /// A few words: "frame 812 of 2,700, 2.9× realtime".
    package var detail: String

    package init(fraction: Double, detail: String) { (self.fraction, self.detail) = (fraction, detail) }
}

/// What an earlier stage made is gone, or is no longer what it made: that stage has to make it again.
package struct UnusableArtifact: Error {
    package let kind: Artifact.Kind
    package let fault: ArtifactFault
}

/// The job was cancelled, or given to another worker, while this one worked on it: nothing more may be done.
package struct FenceRisen: Error {
    package init() {}
}

/// What a stage's work came to.
package enum StageOutcome: Sendable {
    /// - Parameter gpu: how long GPUs were used for it.
    case done(StageResult, provider: ProviderName, notes: [String: String] = [:], gpu: Duration = .zero)
    /// The source had nothing new: there is no video today.
    case skipped(provider: ProviderName)
}
