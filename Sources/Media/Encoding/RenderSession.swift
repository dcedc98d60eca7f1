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
    private let flag: CancellationFlag
    private let shelf: ShotShelf
    private let began = ContinuousClock.now
    private let framesKept: Int
    private let progress: @Sendable (RenderProgress) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - pieces: what is to be made, in this order.
    ///   - lanes: threads that draw and encode.
    init(
        _ cut: Cut, pieces: [Piece], choice: EncoderChoice, lanes: Int, flag: CancellationFlag,
        progress: @escaping @Sendable (RenderProgress) -> Void
    ) {
        (self.cut, self.choice, self.flag, self.progress) = (cut, choice, flag, progress)
        self.lanes = max(1, min(lanes, pieces.count))
        shelf = ShotShelf(cut, lanes: self.lanes, flag: flag)
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
    }

    private func work(in folder: String, finished: (Piece, String) -> Void) throws(MediaError) {
        var composer: FrameComposer?
        while let piece = next() {
            switch piece {
            case .sound:
                let path = folder + "/sound.nut"
                try SoundFile(cut).write(to: path, flag: flag)
                finished(piece, path)
            case .picture(let frames):
                let current: FrameComposer
                if let composer { current = composer } else { current = try FrameComposer(cut, shelf: shelf) }
                composer = current
                let path = folder + "/\(frames.lowerBound).nut"
                guard try encode(frames, with: current, to: path) else { return }
                finished(piece, path)
            }
        }
    }

    /// Nil: nothing is left to do, or another lane has failed.
    private func next() -> Piece? {
        state.withLock { state in state.failure == nil ? state.waiting.popLast() : nil }
    }

    /// False: another lane has failed, and nobody wants it any more.
    private func encode(_ frames: Range<Int>, with composer: FrameComposer, to path: String) throws(MediaError) -> Bool
    {
        let file = try OutputFile(path, format: "nut", flag: flag)
        let encoder = try choice.open(
            VideoEncoders(
                encoding: cut.encoding, size: cut.size, frameRate: cut.frameRate, lanes: lanes,
                wantsGlobalHeaders: true), flag: flag)
        let stream = try file.add(encoder, frameRate: AVRational(num: Int32(cut.frameRate), den: 1))
        try file.begin()
        for number in frames {
            try flag.check("render")
            let frame = try composer.frame(number)
            try encoder.send(frame)
            try file.write(from: encoder, to: stream)
            guard count() else { return false }
        }
        try encoder.send(nil)
        try file.write(from: encoder, to: stream)
        try file.finish()
        return true
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
