package import Media
package import Production

extension StageFailure {
    /// What failed in FFmpeg's hands; what was cancelled is nobody's failure.
    package static func of(_ error: MediaError, asked: String) -> any Error {
        switch error.code {
        case .cancelled: CancellationError()
        case .invalid, .damaged, .unsupported:
            StageFailure(.permanent, provider: "ffmpeg", asked: asked, answer: error.description)
        case .unreadable, .unwritable, .failed:
            StageFailure(.transient(), provider: "ffmpeg", asked: asked, answer: error.description)
        }
    }
}
