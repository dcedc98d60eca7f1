package import Production

/// What a stage is asked to do, and what the stages before it have made.
package struct JobAssignment: Sendable, Equatable {
    package let job: Job.ID
    package let user: User.ID
    package let userName: String
    package let channel: Channel
    /// A person chose the channel: the script stage may not turn to another.
    package let channelIsFixed: Bool
    /// `YYYY-MM-DD`
    package let productionDay: String
    package let artifacts: [Artifact.Kind: Artifact]
}
