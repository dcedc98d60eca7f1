import CFFmpeg
import Dispatch
import Foundation
import Synchronization

/// The long part of a render: draws and encodes what of a video isn't there yet, several pieces at a time. Blocks.
final class RenderSession: Sendable {
    /// A part of the video that is made by itself.
    enum Piece: Sendable, Hashable {
        case sound
        case picture(Range<Int>)
    }

    private struct State {
        var waiting: [Piece]
        var failure: MediaError?
        var framesDone: Int
        var reported: ContinuousClock.Instant
    }

    private let cut: Cut
    private let choice: EncoderChoice
    private let lanes: Int
    private let limits: MediaLimits
    private let flag: CancellationFlag
    private let shelf: ShotShelf
    private let began = ContinuousClock.now
    private let framesKept: Int
    private let progress: @Sendable (RenderProgress) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - pieces: what is to be made, in this order.
    ///   - lanes: threads that draw and encode.
    ///   - limits: of each file of the cut.
    init(
        _ cut: Cut, pieces: [Piece], choice: EncoderChoice, lanes: Int, limits: MediaLimits, flag: CancellationFlag,
        progress: @escaping @Sendable (RenderProgress) -> Void
    ) {
        (self.cut, self.choice, self.limits, self.flag, self.progress) = (cut, choice, limits, flag, progress)
        self.lanes = max(1, min(lanes, pieces.count))
        shelf = ShotShelf(cut, lanes: self.lanes, limits: limits, flag: flag)
        let missing = pieces.reduce(0) { sum, piece in
            if case .picture(let frames) = piece { sum + frames.count } else { sum }
        }
        framesKept = cut.frameCount - missing
        state = Mutex(State(waiting: pieces.reversed(), framesDone: framesKept, reported: began))
    }

    /// Makes all pieces below `folder`, and tells of each as it is finished.
    func run(in folder: String, finished: @escaping @Sendable (Piece, String) -> Void) throws(MediaError) {
        let group = DispatchGroup()
        let transcript = LogTranscript.current
        for lane in 0..<lanes {
            DispatchQueue(label: "render \(lane)", qos: .userInitiated).async(group: group) { [self] in
                do throws(MediaError) {
                    let work = { () throws(MediaError) in try self.work(in: folder, finished: finished) }
                    if let transcript { try transcript.listen(work) } else { try work() }
                } catch {
                    state.withLock { if $0.failure == nil { $0.failure = error } }
                }
            }
        }
        group.wait()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try flag.check("render")
        // Lanes without a session leave their work to the others; where none had one, nobody did it.
        guard !hasWork else {
            throw MediaError(.failed, "encode with \(choice.encoder)", reason: "none of its sessions came free")
        }
    }

    private func work(in folder: String, finished: @escaping (Piece, String) -> Void) throws(MediaError) {
        if takesSound() {
            let path = folder + "/sound.nut"
            try SoundFile(cut, limits: limits).write(to: path, flag: flag)
            finished(.sound, path)
        }
        // Without an encoder for this lane those that have one do its work: it takes no piece before it has one.
        guard hasWork, let (composer, encoder) = try open(finished) else { return }
        while let frames = next() {
            try encoder.begin(frames, path: folder + "/\(frames.lowerBound).nut")
            for number in frames {
                try flag.check("render")
                try encoder.encode(composer.frame(number))
                guard count() else { return }
            }
        }
        if !hasFailed { try encoder.finish() }
    }

    private func open(
        _ finished: @escaping (Piece, String) -> Void
    ) throws(MediaError) -> (FrameComposer, PieceEncoder)? {
        guard
            let encoder = try choice.open(
                VideoEncoders(cut, lanes: lanes), flag: flag)
        else { return nil }
        return (
            try FrameComposer(cut, shelf: shelf),
            try PieceEncoder(encoder, frameRate: cut.frameRate, flag: flag) { frames, path in
                finished(.picture(frames), path)
            }
        )
    }

    private var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// Whether the sound is to be made, and by this lane.
    private func takesSound() -> Bool {
        state.withLock { state in
            guard let place = state.waiting.firstIndex(of: .sound) else { return false }
            state.waiting.remove(at: place)
            return true
        }
    }

    private var hasWork: Bool { state.withLock { $0.failure == nil && !$0.waiting.isEmpty } }

    /// The frames of the next piece; nil: nothing is left to do, or another lane has failed.
    private func next() -> Range<Int>? {
        state.withLock { state in
            guard state.failure == nil, case .picture(let frames) = state.waiting.popLast() else { return nil }
            return frames
        }
    }

    /// One frame more is done. False: another lane has failed.
    private func count() -> Bool {
        let now = ContinuousClock.now
        let (done, isDue, goesOn) = state.withLock { state in
            state.framesDone += 1
            let isDue = now - state.reported > .milliseconds(500) || state.framesDone == cut.frameCount
            if isDue { state.reported = now }
            return (state.framesDone, isDue, state.failure == nil)
        }
        if isDue {
            let seconds = (now - began) / .seconds(1)
            progress(
                RenderProgress(
                    framesDone: done, framesTotal: cut.frameCount,
                    speed: seconds > 0 ? Double(done - framesKept) / Double(cut.frameRate) / seconds : 0))
        }
        return goesOn
    }
}
