import CFFmpeg
import Foundation
import Synchronization

/// Chooses the video encoder, from the best one down: NVENC with all options, NVENC with those that old chips know, libx264.
/// The GPU's counts only where it really encodes a frame: being listed proves nothing. Make one for a process and share it: it
/// asks the GPU once, and remembers an answer that can't change.
public final class EncoderLadder: Sendable {
    static let hardware = "h264_nvenc"

    /// How long to wait for a GPU that is busy, before the processor does the work.
    struct Waiting: Sendable {
        /// For a slot, all of which other videos hold.
        var slot = Duration.seconds(120)
        /// With a slot in hand, for a session that the driver refuses: others than us use the GPU as well.
        var session: [Duration] = [.seconds(1), .seconds(3), .seconds(9)]
    }

    private enum Answer {
        /// Whether only with plain options.
        case works(isPlain: Bool)
        case refused(EncoderRefusal)
    }

    private let gpu: any HardwareEncoder
    private let slots: EncoderSlots?
    private let waiting: Waiting
    /// Held while the GPU is asked, so that two renders that start together ask once.
    private let answer = Mutex<Answer?>(nil)

    /// - Parameter slots: the sessions that all processes of this machine share; nil: nobody else uses the GPU.
    public convenience init(slots: EncoderSlots? = nil) { self.init(NVENC(), slots: slots, waiting: Waiting()) }

    init(_ gpu: any HardwareEncoder, slots: EncoderSlots?, waiting: Waiting) {
        (self.gpu, self.slots, self.waiting) = (gpu, slots, waiting)
    }

    /// FFmpeg's name of the encoder that would be used now, and what was refused before it. Waits for nothing.
    public func probe(_ preference: VideoEncoding.Preference = .automatic) async throws(MediaError) -> (
        encoder: String, refusals: [EncoderRefusal]
    ) {
        guard preference == .automatic else { return ("libx264", []) }
        let refusal = try await blockingWork("encoder probe") {
            (flag: CancellationFlag) throws(MediaError) -> EncoderRefusal? in
            if let refusal = self.refusalOfDevice { return refusal }
            do throws(MediaError) {
                let slot = try self.takeSlot("probe", atMost: .zero, flag: flag)
                if self.slots != nil, slot == nil { return self.isKnownToWork ? nil : self.allTaken }
                return try self.ask(flag: flag, patience: [])
            } catch {
                guard error.code != .cancelled else { throw error }
                return EncoderRefusal(error, encoder: Self.hardware)
            }
        }
        return refusal.map { ("libx264", [$0]) } ?? (Self.hardware, [])
    }

    /// Decides for a whole video: its pieces must not mix encoders. Waits for a slot. Blocks.
    func choose(_ encoders: VideoEncoders, flag: CancellationFlag) throws(MediaError) -> EncoderChoice {
        guard encoders.encoding.preference == .automatic else { return EncoderChoice(refusals: []) }
        // A GPU that can't, or isn't there, is not waited for.
        if let refusal = refusalOfDevice { return EncoderChoice(refusals: [refusal]) }
        do throws(MediaError) {
            let purpose = "\(Self.hardware) \(encoders.size.width)×\(encoders.size.height)"
            let slot = try takeSlot(purpose, atMost: waiting.slot, flag: flag)
            if slots != nil, slot == nil { return EncoderChoice(refusals: [allTaken]) }
            if let refusal = try ask(flag: flag, patience: waiting.session) {
                return EncoderChoice(refusals: [refusal])
            }
            let isPlain = if case .works(let isPlain) = answer.withLock({ $0 }) { isPlain } else { true }
            // It worked for a small frame, once: this video's session is another question.
            let choice = EncoderChoice(gpu, slots: slots, first: slot, isPlain: isPlain, purpose: purpose)
            try Self.patiently(waiting.session, flag: flag) { () throws(MediaError) in
                try choice.openFirst(encoders)
            }
            return choice
        } catch {
            guard error.code != .cancelled else { throw error }
            return EncoderChoice(refusals: [EncoderRefusal(error, encoder: Self.hardware)])
        }
    }

    /// Nil: there is a device, so that one of its sessions is worth waiting for.
    private var refusalOfDevice: EncoderRefusal? {
        answer.withLock { (answer: inout Answer?) -> EncoderRefusal? in
            switch answer {
            case .works: return nil
            case .refused(let refusal): return refusal
            case nil: break
            }
            do throws(MediaError) {
                try gpu.findDevice()
                return nil
            } catch {
                let refusal = EncoderRefusal(error, encoder: Self.hardware)
                // A busy one is asked again together with its session.
                guard refusal.reason != .busy else { return nil }
                answer = .refused(refusal)
                return refusal
            }
        }
    }

    private var isKnownToWork: Bool { if case .works = answer.withLock({ $0 }) { true } else { false } }

    private var allTaken: EncoderRefusal {
        let names = (slots?.holders() ?? []).map { "\($0.slot) by process \($0.process)" }.joined(separator: ", ")
        return EncoderRefusal(
            encoder: Self.hardware, reason: .busy,
            words: "all \(slots?.count ?? 0) sessions are taken" + (names.isEmpty ? "" : ": \(names)"))
    }

    private func takeSlot(
        _ purpose: String, atMost limit: Duration, flag: CancellationFlag
    ) throws(MediaError) -> EncoderSlot? {
        try slots?.wait(for: purpose, atMost: limit, flag: flag)
    }

    /// Nil: it encodes. A GPU that is only busy is asked again the next time.
    private func ask(flag: CancellationFlag, patience: [Duration]) throws(MediaError) -> EncoderRefusal? {
        try answer.withLock { (answer: inout Answer?) throws(MediaError) -> EncoderRefusal? in
            switch answer {
            case .works: return nil
            case .refused(let refusal): return refusal
            case nil: break
            }
            do throws(MediaError) {
                let isPlain = try Self.patiently(patience, flag: flag) { () throws(MediaError) in
                    try self.encodeOneFrame()
                }
                answer = .works(isPlain: isPlain)
                return nil
            } catch {
                guard error.code != .cancelled else { throw error }
                let refusal = EncoderRefusal(error, encoder: Self.hardware)
                if refusal.reason != .busy { answer = .refused(refusal) }
                return refusal
            }
        }
    }

    /// Tries again where the GPU was only busy, after each of the pauses.
    private static func patiently<Result>(
        _ pauses: [Duration], flag: CancellationFlag, _ work: () throws(MediaError) -> Result
    ) throws(MediaError) -> Result {
        for pause in pauses {
            do throws(MediaError) {
                return try work()
            } catch {
                guard EncoderRefusal(error, encoder: hardware).reason == .busy else { throw error }
            }
            let end = ContinuousClock.now + pause
            while ContinuousClock.now < end {
                try flag.check("wait for an encoder")
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
        return try work()
    }

    /// Whether it needed the plain options.
    private func encodeOneFrame() throws(MediaError) -> Bool {
        guard let size = FrameSize(width: 320, height: 192) else { return true }
        let encoders = VideoEncoders(
            encoding: VideoEncoding(), size: size, frameRate: 30, lanes: 1, wantsGlobalHeaders: true)
        do {
            try encodeOneFrame(encoders, isPlain: false)
            return false
        } catch {
            // Older chips refuse the whole session for one feature they lack.
            guard EncoderRefusal(error, encoder: Self.hardware).reason == .unsupported else { throw error }
            try encodeOneFrame(encoders, isPlain: true)
            return true
        }
    }

    private func encodeOneFrame(_ encoders: VideoEncoders, isPlain: Bool) throws(MediaError) {
        let encoder = try gpu.open(encoders, isPlain: isPlain)
        let frame = try FramePool(encoders.size).frame()
        frame.time = 0
        try encoder.send(frame)
        try encoder.send(nil)
        guard try encoder.receive(into: Packet()) else {
            throw MediaError(.failed, "encode with \(Self.hardware)", reason: "it took a frame and gave none back")
        }
    }
}
