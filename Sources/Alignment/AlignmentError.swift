/// Why the words of a recording could not be found.
public struct AlignmentError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// Nothing can be heard in one of the two recordings, or its sample rate is below 8 kHz.
        case nothingHeard
        /// The recording is too short, or too long, for the words to be in it.
        case otherLength
        /// What is heard does not sound like the reference's words.
        case otherWords
        /// The task was cancelled.
        case cancelled
    }

    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }

    static let cancelled = AlignmentError(.cancelled, "the alignment was cancelled")
}
