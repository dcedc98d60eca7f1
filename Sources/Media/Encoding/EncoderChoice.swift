import CFFmpeg
import Synchronization

/// The encoder of one video: all its pieces are made with it, never some with another.
final class EncoderChoice: Sendable, CustomStringConvertible {
    /// What was preferred and refused.
    let refusals: [EncoderRefusal]

    private struct Hardware {
        let gpu: any HardwareEncoder
        let slots: EncoderSlots?
        let isPlain: Bool
        let purpose: String
    }

    private struct State: ~Copyable {
        /// Taken when the choice was made, for the first lane.
        var slot: EncoderSlot?
        var isFirst = true
        /// What it wrote in front when it was tried for this video.
        var header: [UInt8] = []
    }

    private let hardware: Hardware?
    private let use = HardwareUse()
    private let state: Mutex<State>

    /// libx264.
    init(refusals: [EncoderRefusal]) {
        (self.refusals, hardware) = (refusals, nil)
        state = Mutex(State())
    }

    init(_ gpu: any HardwareEncoder, slots: EncoderSlots?, first: EncoderSlot?, isPlain: Bool, purpose: String) {
        refusals = []
        hardware = Hardware(gpu: gpu, slots: slots, isPlain: isPlain, purpose: purpose)
        state = Mutex(State(slot: first))
    }

    var isHardware: Bool { hardware != nil }

    /// FFmpeg's name.
    var encoder: String { isHardware ? EncoderLadder.hardware : "libx264" }

    var description: String { hardware?.isPlain == true ? encoder + " plain" : encoder }

    /// Pieces of one cut whose encoders have the same signature fit together, whichever process made them.
    func signature(_ encoding: VideoEncoding) throws(MediaError) -> String {
        let hash = try SHA256()
        if isHardware {
            hash.add(state.withLock { $0.header })
        } else {
            // libx264 is another library than FFmpeg's, and has no call that tells its build: it writes that into its first
            // frame, together with all of its settings. So many threads, too, which make no difference: here it is always one.
            var encoding = encoding
            encoding.threads = 1
            guard let size = FrameSize(width: 64, height: 64) else { return description }
            try Self.addSample(
                of: VideoEncoders(encoding: encoding, size: size, frameRate: 30, lanes: 1, wantsGlobalHeaders: true),
                to: hash)
        }
        return "\(description) \(hash.digits)"
    }

    private static func addSample(of encoders: VideoEncoders, to hash: SHA256) throws(MediaError) {
        let (encoder, packet) = (try encoders.software(), try Packet())
        let frame = try FramePool(encoders.size).frame()
        PlainPicture(Colour(0x808080)).draw(at: ShotMoment(seconds: 0, progress: 0), into: frame, with: Brush())
        frame.time = 0
        try encoder.send(frame)
        try encoder.send(nil)
        hash.add(encoder.header)
        while try encoder.receive(into: packet) {
            hash.add(
                UnsafeRawBufferPointer(start: packet.pointer.pointee.data, count: Int(packet.pointer.pointee.size)))
        }
    }

    /// Seconds that sessions of the GPU were open for this video, those still open left out.
    var gpuSeconds: Double { use.seconds }

    /// Opens it for one lane of the video, for as long as the lane works. Nil: the GPU has no session for another lane, and those
    /// that have one do the work. The first lane always gets one, or an error. Blocks.
    func open(_ encoders: VideoEncoders, flag: CancellationFlag) throws(MediaError) -> Encoder? {
        guard let hardware else { return try encoders.software() }
        let (slot, isFirst) = state.withLock { state in
            defer { (state.slot, state.isFirst) = (nil, false) }
            return (state.slot, state.isFirst)
        }
        if isFirst {
            do throws(MediaError) {
                return lease(try hardware.gpu.open(encoders, isPlain: hardware.isPlain), slot)
            } catch {
                use.fail(error)
                throw error
            }
        }
        let another = try hardware.slots?.take(for: hardware.purpose)
        if hardware.slots != nil, another == nil { return nil }
        do throws(MediaError) {
            return lease(try hardware.gpu.open(encoders, isPlain: hardware.isPlain), another)
        } catch {
            guard EncoderRefusal(error, encoder: encoder).reason == .busy else { throw error }
            return nil
        }
    }

    /// Whether it opens for this video: what it opens is closed again.
    func openFirst(_ encoders: VideoEncoders) throws(MediaError) {
        guard let hardware else { return }
        let header = try hardware.gpu.open(encoders, isPlain: hardware.isPlain).header
        state.withLock { $0.header = header }
    }

    /// What the whole video is to be made with instead, when it failed with `error`; nil: another encoder would not help. The
    /// pieces made so far don't fit, and are made again.
    func next(after error: MediaError) -> EncoderChoice? {
        guard isHardware, error.code != .cancelled, let failure = use.failure else { return nil }
        let refusal = EncoderRefusal(failure, encoder: encoder)
        return EncoderChoice(
            refusals: refusals + [
                EncoderRefusal(
                    encoder: refusal.encoder, reason: refusal.reason,
                    words: "in the middle of the video: \(refusal.words)")
            ])
    }

    private func lease(_ encoder: Encoder, _ slot: EncoderSlot?) -> Encoder {
        encoder.session = HardwareSession(slot: slot, use: use)
        return encoder
    }
}
