import Foundation

/// Makes a video from a cut: H.264 and AAC in MP4, as YouTube asks for it.
public struct VideoRenderer: Sendable {
    private let ladder: EncoderLadder
    private let lanes: Int
    private let limits: MediaLimits

    /// - Parameters:
    ///   - lanes: how many pieces of a video are drawn and encoded at once, each by a thread; 0: as many as the
    ///     processors and the memory that this process may use are enough for, at most sixteen. One more takes about 190 MB
    ///     more at 1080p.
    ///   - limits: how much each picture, film and sound of a cut may ask for.
    public init(ladder: EncoderLadder = EncoderLadder(), lanes: Int = 0, limits: MediaLimits = MediaLimits()) {
        (self.ladder, self.lanes, self.limits) = (ladder, min(max(lanes, 0), 64), limits)
    }

    /// Renders `cut` into the file `path`, replacing one that is there. The file appears under its name only when it is
    /// whole. What is made on the way lies in the folder `path.pieces`; it is removed in the end, also when the render fails
    /// or is cancelled.
    ///
    /// - Parameters:
    ///   - store: keeps finished pieces, so that the same render goes on where another one was interrupted.
    ///   - progress: called about twice a second, from one of the render's own threads.
    /// - Throws: `.cancelled` when the task is; `.unreadable` or `.damaged` naming the picture or sound at fault; `.invalid`
    ///   for one beyond the limits.
    public func render(
        _ cut: Cut, to path: String, keeping store: (any SegmentStore)? = nil,
        progress: @escaping @Sendable (RenderProgress) -> Void = { _ in }
    ) async throws(MediaError) -> RenderReport {
        let began = Rendering.Moment.now
        let folder = path + ".pieces"
        let (ladder, lanes, limits) = (ladder, lanes, limits)
        do throws(MediaError) {
            let (choice, lanesFound) = try await blockingWork("render") {
                (flag: CancellationFlag) throws(MediaError) -> (EncoderChoice, Int) in
                // Before hours of work, and before anything opens a pipe that nobody writes to.
                for file in Set(cut.files) { try InputFile.checkKind(of: file, limits: limits) }
                try Self.makeEmpty(folder)
                let lanes = lanes > 0 ? lanes : HostShare.find().lanes(for: cut.size)
                return (try ladder.choose(VideoEncoders(cut, lanes: lanes), flag: flag), lanes)
            }
            let report = try await Rendering(
                cut: cut, path: path, folder: folder, lanes: lanesFound, limits: limits, store: store,
                progress: progress, began: began
            ).video(with: choice)
            await Self.remove(folder)
            return report
        } catch {
            await Self.remove(folder)
            throw error
        }
    }

    private static func makeEmpty(_ folder: String) throws(MediaError) {
        try? FileManager.default.removeItem(atPath: folder)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        } catch {
            throw MediaError(.unwritable, "create folder", file: folder, reason: "\(error)")
        }
    }

    /// Also where the task is cancelled.
    private static func remove(_ folder: String) async {
        try? await blockingWork("render") { (_: CancellationFlag) throws(MediaError) in
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
