/// Makes a video from a plan: H.264 and AAC in MP4, as YouTube asks for it.
public struct VideoRenderer: Sendable {
    private let ladder: EncoderLadder

    public init(ladder: EncoderLadder = EncoderLadder()) { self.ladder = ladder }

    /// Renders `plan` into the file `path`, replacing one that is there. The file appears under its name only when it is
    /// whole; until then it is `path.part`, and a render that fails or is cancelled removes that.
    ///
    /// - Parameter progress: called about twice a second, from the render's own thread.
    /// - Throws: `.cancelled` when the task is; `.unreadable` or `.damaged` naming the picture or narration at fault.
    public func render(
        _ plan: RenderPlan, to path: String, progress: @escaping @Sendable (RenderProgress) -> Void = { _ in }
    ) async throws(MediaError) -> RenderReport {
        throw MediaError(.unsupported, "render", reason: "not built")
    }
}
