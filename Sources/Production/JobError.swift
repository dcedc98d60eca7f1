/// What `job show` and logs tell of a failure: where, who, what was asked, what came back, what happens next.
package struct JobError: Sendable, Equatable, Codable {
    package var stage: Stage
    package var provider: ProviderName
    package var asked: String
    package var answer: String
    /// What will happen now, in words: "tried again in 12 s (3 of 8)".
    package var next: String

    package init(stage: Stage, provider: ProviderName, asked: String, answer: String, next: String) {
        (self.stage, self.provider, self.asked, self.answer, self.next) = (stage, provider, asked, answer, next)
    }
}
