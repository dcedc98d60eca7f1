package import FoundationEssentials
package import Production

/// An attempt that this worker has opened: the right to commit one stage of one job, for as long as its fence holds.
package struct OpenAttempt: Sendable, Hashable {
    package let id: UUID
    package let job: Job.ID
    package let stage: Stage
    package let fence: Int
    /// Tries of this stage that counted before this one.
    package let tries: Int

    package init(id: UUID, job: Job.ID, stage: Stage, fence: Int, tries: Int = 0) {
        (self.id, self.job, self.stage, self.fence, self.tries) = (id, job, stage, fence, tries)
    }
}

/// What became of asking to begin.
package enum BeginAnswer: Sendable, Equatable {
    /// With what the stage has to know of the job.
    case begun(OpenAttempt, JobAssignment)
    /// Its last worker died: ask again once nothing else runs in this process.
    case mustRunAlone
    /// A living worker has it, at least for so long.
    case busy(for: Duration)
    case notDue(for: Duration)
    /// The job stands at another stage.
    case elsewhere(Stage)
    case paused, held, finished, unknown
    /// Another process has taken this worker's name: this one must stop.
    case impostor
}

/// How an attempt ended, as the stage tells it.
package enum AttemptEnd: Sendable {
    case succeeded(StageResult)
    /// The source had nothing new: there is no video today.
    case skipped
    case retried(after: Duration, JobError)
    case limited(until: Date, JobError)
    /// What an earlier stage made can't be used: that one is run again, at once. Counts as a try of the earlier stage.
    case sentBack(to: Stage, JobError)
    case failed(JobError)
    /// Given back by a worker that drains; the job is queued again at once.
    case released
}

/// What a stage made.
package struct StageResult: Sendable {
    package var artifacts: [Artifact.Kind: Artifact]
    /// Set by the script stage.
    package var title: String?
    /// The channel the script was written for, if the stage may choose it.
    package var channel: Channel.ID?
    /// The source item the script was written from.
    package var usedItem: String?

    package init(
        artifacts: [Artifact.Kind: Artifact] = [:], title: String? = nil, channel: Channel.ID? = nil,
        usedItem: String? = nil
    ) {
        (self.artifacts, self.title, self.channel, self.usedItem) = (artifacts, title, channel, usedItem)
    }
}

/// What is recorded of an attempt however it ended.
package struct AttemptRecord: Sendable {
    package var provider: ProviderName?
    /// What the stage has to tell: encoder, refusals, speed, voice. Flat, for people and reports.
    package var notes: [String: String]
    package var costs: [CostEntry]

    package init(provider: ProviderName? = nil, notes: [String: String] = [:], costs: [CostEntry] = []) {
        (self.provider, self.notes, self.costs) = (provider, notes, costs)
    }
}

/// What became of a commit.
package enum CommitAnswer: Sendable, Equatable {
    /// Done now, or done before by this same attempt. The job as it stands, to be dispatched if it is still under way.
    case committed(DueJob?)
    /// The fence had risen: the result is refused, its spending is recorded.
    case refused
}
