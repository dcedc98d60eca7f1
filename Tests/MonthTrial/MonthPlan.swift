/// What a simulated month is like.
package struct MonthPlan: Sendable {
    package var users = 50
    package var channels = 5
    package var days = 30
    /// Times of a day at which users' videos are due, half an hour apart.
    package var moments = 25
    /// Videos worked on at the same time.
    package var atOnce = 3
    /// Of a video, seconds.
    package var length = 90
    package var seed: UInt64 = 1

    /// Channels that say a greeting and a farewell in every video.
    package var greetingShare = 0.8
    /// Attempts that end with their process, after some call was answered.
    package var crashShare = 0.05
    /// Drafts that a model has to write again.
    package var sentBackShare = 0.12
    /// Calls that a provider refuses as too many, and that break inside of it.
    package var refusedShare = 0.01
    package var brokenShare = 0.003

    package init() {}
}
