/// Why something could not be spoken, written or read.
public struct SpeechError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The engine's library or its data could not be set up on this machine.
        case engineUnavailable
        /// The engine does not know the voice it was asked for.
        case unknownVoice
        /// The engine gave up on this text.
        case notSpoken
        /// The task was cancelled before the speech was complete.
        case cancelled
        /// A file could not be opened, written or read.
        case file
        /// A file is not a WAV file of the expected kind, or would become longer than one can be.
        case format
    }

    public let code: Code
    /// What was asked, of whom, and what came back.
    public let description: String

    public init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }

    static let cancelled = SpeechError(.cancelled, "speaking was cancelled")
}
