import Foundation

/// One video on its way: makes the pieces that aren't there, and puts all of them together.
struct Rendering: Sendable {
    /// By the clock, and by the processor time of this process.
    struct Moment: Sendable {
        let clock: ContinuousClock.Instant
        let processor: Double

        static var now: Moment {
            var time = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
            return Moment(clock: .now, processor: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        }
    }

    let cut: Cut
    let path: String
    /// Where pieces are made.
    let folder: String
    let lanes: Int
    let limits: MediaLimits
    let store: (any SegmentStore)?
    let progress: @Sendable (RenderProgress) -> Void
    let began: Moment

    /// A GPU that is lost in the middle: the whole video is made again without it.
    func video(with choice: EncoderChoice) async throws(MediaError) -> RenderReport {
        var choice = choice
        while true {
            do throws(MediaError) {
                return try await make(with: choice)
            } catch {
                guard let next = choice.next(after: error) else { throw error }
                choice = next
            }
        }
    }

    private var plan: SegmentPlan {
        SegmentPlan(
            frameCount: cut.frameCount, frameRate: cut.frameRate,
            groupLength: VideoEncoders.groupLength(frameRate: cut.frameRate))
    }

    private var pieces: [RenderSession.Piece] { [.sound] + plan.segments.map(RenderSession.Piece.picture) }

    private func make(with choice: EncoderChoice) async throws(MediaError) -> RenderReport {
        let (cut, store) = (cut, store)
        let key = try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) -> PieceKey? in
            store == nil ? nil : try PieceKey(cut, encoder: choice.signature(cut.encoding), flag: flag)
        }
        var shelf = PieceShelf(archive: store.flatMap { store in key.map { (store, $0) } })
        await shelf.find(pieces)
        shelf = try await filled(shelf, with: choice)
        do throws(MediaError) {
            return try await joined(shelf, choice)
        } catch {
            // Pieces of this render fit together. One that another has left may be of an encoder that only seems to be the same,
            // or damaged, and would be found again at every try.
            guard !shelf.found.isEmpty, error.code != .cancelled, error.code != .unwritable else { throw error }
            shelf.refuseFound("pieces of an earlier render were made again: \(error)")
            shelf = try await filled(shelf, with: choice)
            return try await joined(shelf, choice)
        }
    }

    /// Makes what is missing.
    private func filled(_ shelf: PieceShelf, with choice: EncoderChoice) async throws(MediaError) -> PieceShelf {
        let missing = pieces.filter { shelf.files[$0] == nil }
        let (cut, lanes, limits, folder, progress) = (cut, lanes, limits, folder, progress)
        let (finished, tell) = AsyncStream.makeStream(of: (RenderSession.Piece, String).self)
        async let kept = shelf.keeping(finished)
        do {
            try await blockingWork("render") { (flag: CancellationFlag) throws(MediaError) in
                defer { tell.finish() }
                try RenderSession(
                    cut, pieces: missing, choice: choice, lanes: lanes, limits: limits, flag: flag, progress: progress
                ).run(in: folder) { piece, file in tell.yield((piece, file)) }
            }
        } catch {
            _ = await kept
            throw error
        }
        return await kept
    }

    private func joined(_ shelf: PieceShelf, _ choice: EncoderChoice) async throws(MediaError) -> RenderReport {
        let (cut, path, segments, began) = (cut, path, plan.segments, began)
        return try await blockingWork("join") { (flag: CancellationFlag) throws(MediaError) in
            let sound = shelf.files[.sound] ?? ""
            let heard = try SoundFile.loudness(of: sound, flag: flag)
            let bytes = try wholeFile(path) { (part: String) throws(MediaError) in
                try PieceJoiner(frameRate: cut.frameRate, flag: flag).join(
                    segments.map { ($0, shelf.files[.picture($0)] ?? "") }, sound: sound, to: part)
                return try Self.size(of: part)
            }
            let now = Moment.now
            return RenderReport(
                encoder: choice.encoder, refusals: choice.refusals, frames: cut.frameCount,
                framesKept: segments.reduce(0) { shelf.found.contains(.picture($1)) ? $0 + $1.count : $0 },
                width: cut.size.width, height: cut.size.height, duration: cut.duration,
                integratedLoudness: heard.integrated, truePeak: heard.truePeak,
                cpuSeconds: now.processor - began.processor, wallSeconds: (now.clock - began.clock) / .seconds(1),
                bytes: bytes, gpuSeconds: choice.gpuSeconds, keepFailure: shelf.failure)
        }
    }

    private static func size(of path: String) throws(MediaError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw MediaError(.unwritable, "measure", file: path, reason: String(cString: strerror(errno)))
        }
        return Int64(status.st_size)
    }
}
