import CFFmpeg
import Foundation

/// Makes a video from a cut: H.264 and AAC in MP4, as YouTube asks for it.
public struct VideoRenderer: Sendable {
    private let ladder: EncoderLadder
    private let lanes: Int

    /// - Parameter lanes: how many pieces of a video are drawn and encoded at once, each by a thread; 0: as many as the
    ///   processors and the memory that this process may use are enough for, at most sixteen. One more takes about 190 MB
    ///   more at 1080p.
    public init(ladder: EncoderLadder = EncoderLadder(), lanes: Int = 0) {
        (self.ladder, self.lanes) = (ladder, min(max(lanes, 0), 64))
    }

    /// Renders `cut` into the file `path`, replacing one that is there. The file appears under its name only when it is
    /// whole. What is made on the way lies in the folder `path.pieces`; it is removed in the end, also when the render fails
    /// or is cancelled.
    ///
    /// - Parameters:
    ///   - store: keeps finished pieces, so that the same render goes on where another one was interrupted.
    ///   - progress: called about twice a second, from one of the render's own threads.
    /// - Throws: `.cancelled` when the task is; `.unreadable` or `.damaged` naming the picture or sound at fault.
    public func render(
        _ cut: Cut, to path: String, keeping store: (any SegmentStore)? = nil,
        progress: @escaping @Sendable (RenderProgress) -> Void = { _ in }
    ) async throws(MediaError) -> RenderReport {
        let (started, cpu) = (ContinuousClock.now, Self.processorSeconds())
        let folder = path + ".pieces"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (ladder, lanes) = (ladder, lanes > 0 ? lanes : HostShare.find().lanes(for: cut.size))
        var choice = try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) -> EncoderChoice in
            try? FileManager.default.removeItem(atPath: folder)
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            } catch {
                throw MediaError(.unwritable, "create folder", file: folder, reason: "\(error)")
            }
            return try ladder.choose(
                VideoEncoders(
                    encoding: cut.encoding, size: cut.size, frameRate: cut.frameRate, lanes: lanes,
                    wantsGlobalHeaders: true), flag: flag)
        }
        while true {
            do throws(MediaError) {
                return try await render(
                    cut, to: path, in: folder, with: choice, lanes: lanes, since: (started, cpu), keeping: store,
                    progress: progress)
            } catch {
                // A GPU that is lost in the middle: the whole video is made again without it.
                guard let next = choice.next(after: error) else { throw error }
                choice = next
            }
        }
    }

    private func render(
        _ cut: Cut, to path: String, in folder: String, with choice: EncoderChoice, lanes: Int,
        since start: (wall: ContinuousClock.Instant, cpu: Double), keeping store: (any SegmentStore)?,
        progress: @escaping @Sendable (RenderProgress) -> Void
    ) async throws(MediaError) -> RenderReport {
        let key = try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) in
            try PieceKey(cut, encoder: choice.description, flag: flag)
        }
        var shelf = PieceShelf(store: store, key: key)
        let plan = SegmentPlan(
            frameCount: cut.frameCount, frameRate: cut.frameRate,
            groupLength: VideoEncoders.groupLength(frameRate: cut.frameRate))
        let pieces = [.sound] + plan.segments.map(RenderSession.Piece.picture)
        await shelf.find(pieces)
        let found = shelf.files
        let (finished, tell) = AsyncStream.makeStream(of: (RenderSession.Piece, String).self)
        async let kept = shelf.keeping(finished)
        do {
            try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) in
                defer { tell.finish() }
                try RenderSession(
                    cut, pieces: pieces.filter { found[$0] == nil }, choice: choice, lanes: lanes, flag: flag,
                    progress: progress
                ).run(in: folder) { piece, file in tell.yield((piece, file)) }
            }
        } catch {
            _ = await kept
            throw error
        }
        let files = await kept
        return try await blockingWork("join") { (flag: CancellationFlag) throws(MediaError) in
            let sound = files.files[.sound] ?? ""
            let heard = try SoundFile.loudness(of: sound, flag: flag)
            let bytes = try wholeFile(path) { (part: String) throws(MediaError) in
                try PieceJoiner(frameRate: cut.frameRate, flag: flag).join(
                    plan.segments.map { ($0, files.files[.picture($0)] ?? "") }, sound: sound, to: part)
                return try Self.size(of: part)
            }
            return RenderReport(
                encoder: choice.encoder, refusals: choice.refusals, frames: cut.frameCount,
                framesKept: plan.segments.reduce(0) { found[.picture($1)] == nil ? $0 : $0 + $1.count },
                width: cut.size.width, height: cut.size.height, duration: cut.duration,
                integratedLoudness: heard.integrated, truePeak: heard.truePeak,
                cpuSeconds: Self.processorSeconds() - start.cpu,
                wallSeconds: (ContinuousClock.now - start.wall) / .seconds(1), bytes: bytes,
                gpuSeconds: choice.gpuSeconds, keepFailure: files.failure)
        }
    }

    private static func size(of path: String) throws(MediaError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw MediaError(.unwritable, "measure", file: path, reason: String(cString: strerror(errno)))
        }
        return Int64(status.st_size)
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Which pieces of a video are there, and where.
private struct PieceShelf: Sendable {
    let store: (any SegmentStore)?
    let key: PieceKey
    var files: [RenderSession.Piece: String] = [:]
    /// Why a piece could not be kept: the first one's reason.
    var failure: String?

    private func name(of piece: RenderSession.Piece) -> String {
        switch piece {
        case .sound: key.sound
        case .picture(let frames): key.picture(frames)
        }
    }

    /// Takes what an earlier render has left. A store that can't say is one that has nothing.
    mutating func find(_ pieces: [RenderSession.Piece]) async {
        guard let store else { return }
        for piece in pieces {
            if let file = try? await store.find(name(of: piece)) { files[piece] = file }
        }
    }

    /// Gives each finished piece to the store. One that can't be kept is used from where it is.
    func keeping(_ finished: AsyncStream<(RenderSession.Piece, String)>) async -> PieceShelf {
        var shelf = self
        for await (piece, file) in finished {
            shelf.files[piece] = file
            guard let store else { continue }
            do {
                shelf.files[piece] = try await store.keep(file, as: name(of: piece))
            } catch {
                shelf.failure = shelf.failure ?? "\(error)"
            }
        }
        return shelf
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
