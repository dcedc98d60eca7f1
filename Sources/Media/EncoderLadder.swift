import Synchronization

/// Chooses the video encoder: the GPU's where it really encodes a frame (being listed proves nothing), else libx264.
/// Make one per process and share it: it remembers a refusal that can't change, so that each render need not ask again.
public final class EncoderLadder: Sendable {
    /// The encoders of FFmpeg to try, best first; the last resort is libx264.
    public static let hardware = ["h264_nvenc"]

    let known = Mutex<[String: EncoderRefusal?]>([:])

    public init() {}

    /// What would be used now, and what was refused before it.
    public func probe(_ preference: VideoEncoding.Preference = .automatic) async throws(MediaError) -> (
        encoder: String, refusals: [EncoderRefusal]
    ) {
        ("libx264", [])
    }
}
