/// How far a render is.
public struct RenderProgress: Sendable, Hashable, Codable {
    public let framesDone: Int
    public let framesTotal: Int
    /// Seconds of video made in each second so far, without what was there before; 0 before the first frame.
    public let speed: Double

    /// 0 to 1.
    public var fraction: Double { framesTotal == 0 ? 0 : Double(framesDone) / Double(framesTotal) }

    public init(framesDone: Int, framesTotal: Int, speed: Double) {
        (self.framesDone, self.framesTotal, self.speed) = (framesDone, framesTotal, speed)
    }
}

/// What a finished render was, and what it took.
public struct RenderReport: Sendable, Hashable, Codable {
    /// FFmpeg's name of the video encoder: `libx264`, `h264_nvenc`.
    public let encoder: String
    /// Encoders that were preferred and refused, in the order tried.
    public let refusals: [EncoderRefusal]
    public let frames: Int
    /// Of them, those that an earlier, interrupted render had made.
    public let framesKept: Int
    public let width: Int
    public let height: Int
    /// Seconds of video.
    public let duration: Double
    /// LUFS of the whole encoded sound; nil for silence.
    public let integratedLoudness: Double?
    /// dBTP of the same; nil for silence.
    public let truePeak: Double?
    /// Processor time of this whole process meanwhile, all threads: right where a process renders one video at a time.
    public let cpuSeconds: Double
    public let wallSeconds: Double
    /// Seconds that sessions of the GPU's encoder were open, added up over those side by side; 0 with libx264.
    public let gpuSeconds: Double
    /// The file's size.
    public let bytes: Int64
    /// Why a finished piece could not be kept, or those of an earlier render were of no use; nil: nothing of the kind happened.
    public let keepFailure: String?

    /// Seconds of video made in each second of work.
    public var renderSpeed: Double { wallSeconds > 0 ? duration / wallSeconds : 0 }

    public init(
        encoder: String, refusals: [EncoderRefusal], frames: Int, framesKept: Int = 0, width: Int, height: Int,
        duration: Double, integratedLoudness: Double?, truePeak: Double?, cpuSeconds: Double, wallSeconds: Double,
        bytes: Int64, gpuSeconds: Double = 0, keepFailure: String? = nil
    ) {
        (self.encoder, self.refusals, self.frames) = (encoder, refusals, frames)
        (self.framesKept, self.keepFailure) = (framesKept, keepFailure)
        (self.width, self.height, self.duration) = (width, height, duration)
        (self.integratedLoudness, self.truePeak) = (integratedLoudness, truePeak)
        (self.cpuSeconds, self.wallSeconds, self.bytes) = (cpuSeconds, wallSeconds, bytes)
        self.gpuSeconds = gpuSeconds
    }
}
