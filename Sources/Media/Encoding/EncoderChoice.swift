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

    /// Pieces of two videos with the same description fit together.
    var description: String { hardware?.isPlain == true ? encoder + " plain" : encoder }

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
        _ = try hardware.gpu.open(encoders, isPlain: hardware.isPlain)
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
