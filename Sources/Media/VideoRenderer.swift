import Foundation

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
        let ladder = ladder
        return try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) in
            try wholeFile(path) { (part: String) throws(MediaError) in
                try RenderSession(plan: plan, ladder: ladder, flag: flag, progress: progress).run(to: part)
            }
        }
    }
}

/// Lets `write` make the file `path.part` and renames it to `path`; where that fails nothing is left.
func wholeFile<Result>(
    _ path: String, _ write: (_ part: String) throws(MediaError) -> Result
) throws(MediaError) -> Result {
    let part = path + ".part"
    do throws(MediaError) {
        let result = try write(part)
        guard rename(part, path) == 0 else {
            throw MediaError(.unwritable, "rename to", file: path, reason: String(cString: strerror(errno)))
        }
        return result
    } catch {
        unlink(part)
        throw error
    }
}
