/// What a person does to a job by hand.
package enum Intervention: Sendable, Hashable {
    /// Tries again where it stands: a dead letter with all its tries, a waiting job now.
    case retry
    /// Makes a stage again, and all after it; what earlier stages made is kept.
    case redo(from: Stage)
    /// Ends what is unfinished.
    case cancel
    /// Gives a dead letter up for good: it ends as cancelled.
    case drop
    /// Lets a video that awaits review be published.
    case approve
    /// Ends a video that awaits review.
    case reject

    /// The word for it in commands and in the audit table.
    package var word: String {
        switch self {
        case .retry: "retry"
        case .redo(let stage): "redo --from \(stage.rawValue)"
        case .cancel: "cancel"
        case .drop: "drop"
        case .approve: "approve"
        case .reject: "reject"
        }
    }

    /// The states in which it may make sense: what a filter without a state selects.
    package var states: [JobState] {
        switch self {
        case .retry: [.dead, .waiting]
        case .redo: [.dead, .cancelled, .skipped, .held]
        case .cancel: [.queued, .running, .waiting, .held]
        case .drop: [.dead]
        case .approve, .reject: [.held]
        }
    }

    /// The event that the job's state goes through.
    package var event: JobState.Event {
        switch self {
        case .retry: .retriedByHand
        case .redo: .redone
        case .cancel, .reject: .cancelled
        case .drop: .dropped
        case .approve: .resumed
        }
    }
}

/// Where a job stands, as far as it decides what a person may do to it.
package struct JobStanding: Sendable, Equatable {
    package var job: Job.ID
    package var state: JobState
    package var stage: Stage
    package var heldBecause: String?
    package var channelIsRemoved: Bool
    /// A byte of the video may have gone out.
    package var mayBeOut: Bool
    /// Where it is published, if it is.
    package var location: String?
    /// What is made and still kept.
    package var kept: Set<Artifact.Kind>

    package init(
        job: Job.ID, state: JobState, stage: Stage, heldBecause: String? = nil, channelIsRemoved: Bool = false,
        mayBeOut: Bool = false, location: String? = nil, kept: Set<Artifact.Kind> = []
    ) {
        (self.job, self.state, self.stage, self.heldBecause) = (job, state, stage, heldBecause)
        (self.channelIsRemoved, self.mayBeOut) = (channelIsRemoved, mayBeOut)
        (self.location, self.kept) = (location, kept)
    }

    /// Why it can't be done, and what can; nil if it can.
    package func refusal(of intervention: Intervention) -> String? {
        if state == .published {
            return "its video is published already; `ytempire job enqueue` asks for another"
        }
        if channelIsRemoved, intervention == .retry || intervention == .approve || intervention.isRedo {
            return "its channel was removed; `ytempire job enqueue` asks for a video of another"
        }
        switch intervention {
        case .retry: return refusalOfRetry
        case .redo(let from): return refusalOfRedo(from)
        case .cancel:
            guard state.after(.cancelled) != nil else {
                return "it is \(state.rawValue) already; there is nothing to cancel"
                    + (state == .dead ? " (`ytempire dead drop \(job)` gives it up)" : "")
            }
            // Whoever asked first wins: the answer to what was sent is awaited.
            return mayBeOut ? "it may already be going out; its publication is finished first" : nil
        case .drop:
            guard state == .dead else { return "it is \(state.rawValue), not dead" }
            guard let location else { return nil }
            return "its video is published at \(location): `ytempire job retry \(job)` lets it end so"
        case .approve, .reject:
            guard state == .held, heldBecause == "review" else {
                return "it is \(state.rawValue); it does not await review"
            }
            return nil
        }
    }

    private var refusalOfRetry: String? {
        switch state {
        case .dead, .waiting: nil
        case .queued, .running: "it is \(state.rawValue): it is on its way already"
        case .held: "it is held: `ytempire review approve \(job)` lets it go on"
        case .published: "it is published already"
        case .cancelled, .skipped:
            "it is \(state.rawValue): `ytempire job redo \(job) --from \(stage.rawValue)` takes it up again"
        }
    }

    private func refusalOfRedo(_ from: Stage) -> String? {
        switch state {
        case .dead, .cancelled, .skipped, .held: break
        case .published: return "it is published already"
        case .queued, .running, .waiting:
            return "it is \(state.rawValue): cancel it first (`ytempire job cancel \(job)`)"
        }
        if mayBeOut, from < .upload {
            return """
                a part of its video may have gone out, and another one would be published beside it: \
                `--from upload` looks first whether it has
                """
        }
        var missing = from.needs.subtracting(kept)
        func firstMaker() -> Stage? { Stage.allCases.first { !$0.makes.isDisjoint(with: missing) } }
        guard var earlier = firstMaker() else { return nil }
        // What makes it may lack something itself.
        while true {
            missing = earlier.needs.subtracting(kept)
            guard let maker = firstMaker() else { break }
            earlier = maker
        }
        let lost = earlier.makes.subtracting(kept).map(\.rawValue).sorted()
        let names = (lost.count > 1 ? [lost.dropLast().joined(separator: ", ")] : []) + lost.suffix(1)
        let isOne = lost.count == 1
        // Where it stands, that stage has not succeeded yet.
        return earlier >= stage
            ? "its \(names.joined(separator: " and ")) \(isOne ? "was" : "were") never made: `--from \(earlier.rawValue)` begins there"
            : "its \(names.joined(separator: " and ")) \(isOne ? "is" : "are") not kept any more: `--from \(earlier.rawValue)` makes \(isOne ? "it" : "them") again"
    }
}

extension Intervention {
    fileprivate var isRedo: Bool { if case .redo = self { true } else { false } }
}

extension Stage {
    /// What the stage leaves behind.
    package var makes: Set<Artifact.Kind> {
        switch self {
        case .script: [.storyboard]
        case .voice: [.narration, .timings]
        case .render: [.video, .thumbnail, .captions, .manifest]
        case .upload: []
        }
    }

    /// What it can't do without.
    package var needs: Set<Artifact.Kind> {
        switch self {
        case .script: []
        case .voice: [.storyboard]
        case .render: [.storyboard, .narration, .timings]
        case .upload: [.storyboard, .video, .thumbnail, .captions, .manifest]
        }
    }
}
