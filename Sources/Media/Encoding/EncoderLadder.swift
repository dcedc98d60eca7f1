import CFFmpeg
import Synchronization

/// Chooses the video encoder: the GPU's where it really encodes a frame (being listed proves nothing), else libx264.
/// Make one for a process and share it: it asks the GPU once, and remembers an answer that can't change.
public final class EncoderLadder: Sendable {
    static let hardware = "h264_nvenc"

    private enum Answer {
        case works
        case refused(EncoderRefusal)
    }

    /// Held while the GPU is asked, so that two renders that start together ask once.
    private let answer = Mutex<Answer?>(nil)

    public init() {}

    /// FFmpeg's name of the encoder that would be used now, and what was refused before it.
    public func probe(_ preference: VideoEncoding.Preference = .automatic) async throws(MediaError) -> (
        encoder: String, refusals: [EncoderRefusal]
    ) {
        guard preference == .automatic else { return ("libx264", []) }
        let refusal = try await blockingWork("encoder probe") {
            (_: CancellationFlag) throws(MediaError) -> EncoderRefusal? in
            self.refusalOfHardware()
        }
        return refusal.map { ("libx264", [$0]) } ?? (Self.hardware, [])
    }

    /// Decides for a whole video: its pieces must not mix encoders. Blocks.
    func choose(_ encoders: VideoEncoders) throws(MediaError) -> EncoderChoice {
        guard encoders.encoding.preference == .automatic else { return EncoderChoice(isHardware: false, refusals: []) }
        if let refusal = refusalOfHardware() { return EncoderChoice(isHardware: false, refusals: [refusal]) }
        // It worked once; all its sessions may be taken now.
        do {
            _ = try Self.hardwareEncoder(encoders)
            return EncoderChoice(isHardware: true, refusals: [])
        } catch {
            return EncoderChoice(isHardware: false, refusals: [Self.refusal(for: error)])
        }
    }

    /// Nil: it encodes. A GPU that is only busy is asked again the next time.
    private func refusalOfHardware() -> EncoderRefusal? {
        answer.withLock { (answer: inout Answer?) -> EncoderRefusal? in
            switch answer {
            case .works: return nil
            case .refused(let refusal): return refusal
            case nil: break
            }
            do throws(MediaError) {
                try Self.encodeOneFrame()
                answer = .works
                return nil
            } catch {
                let refusal = Self.refusal(for: error)
                if refusal.reason != .busy { answer = .refused(refusal) }
                return refusal
            }
        }
    }

    static func hardwareEncoder(_ encoders: VideoEncoders) throws(MediaError) -> Encoder {
        do {
            return try encoders.nvenc(isPlain: false)
        } catch {
            // Older chips refuse the whole session for one feature they lack.
            guard refusal(for: error).reason == .unsupported else { throw error }
            return try encoders.nvenc(isPlain: true)
        }
    }

    private static func encodeOneFrame() throws(MediaError) {
        guard let size = FrameSize(width: 320, height: 192) else { return }
        let encoder = try hardwareEncoder(
            VideoEncoders(encoding: VideoEncoding(), size: size, frameRate: 30, lanes: 1, wantsGlobalHeaders: true))
        let frame = try FramePool(size).frame()
        frame.time = 0
        try encoder.send(frame)
        try encoder.send(nil)
        guard try encoder.receive(into: Packet()) else {
            throw MediaError(.failed, "encode with \(hardware)", reason: "it took a frame and gave none back")
        }
    }

    private static func refusal(for error: MediaError) -> EncoderRefusal {
        let words = error.log.isEmpty ? error.reason : error.log.joined(separator: "; ")
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        let reason: EncoderRefusal.Reason =
            if says("Cannot load", "No CUDA capable") || error.status == YT_AVERROR_EPERM {
                .noDriver
            } else if says("out of memory") || error.status == YT_AVERROR_ENOMEM {
                .busy
            } else if says("unsupported", "No capable", "No NVENC capable", "not support", "API version")
                || error.code == .unsupported
            {
                .unsupported
            } else {
                .other
            }
        return EncoderRefusal(encoder: hardware, reason: reason, words: words)
    }
}

/// The encoder of one video.
struct EncoderChoice: Sendable, CustomStringConvertible {
    let isHardware: Bool
    /// What was preferred and refused.
    let refusals: [EncoderRefusal]

    /// FFmpeg's name.
    var encoder: String { isHardware ? EncoderLadder.hardware : "libx264" }

    var description: String { encoder }

    /// Opens it for one piece of the video. Blocks.
    func open(_ encoders: VideoEncoders, flag: CancellationFlag) throws(MediaError) -> Encoder {
        isHardware ? try EncoderLadder.hardwareEncoder(encoders) : try encoders.software()
    }
}
