import CFFmpeg

/// Why an encoder that would have been preferred was not used.
public struct EncoderRefusal: Sendable, Hashable, Codable, CustomStringConvertible {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// There is no GPU, or its driver is not visible to this process.
        case noDriver
        /// The GPU, its driver or this FFmpeg can't do it, now or later.
        case unsupported
        /// All of the encoder's sessions or its memory are in use: it may work later.
        case busy
        case other
    }

    /// FFmpeg's name: `h264_nvenc`.
    public let encoder: String
    public let reason: Reason
    /// The driver's own words, as FFmpeg logged them.
    public let words: String

    public init(encoder: String, reason: Reason, words: String) {
        (self.encoder, self.reason, self.words) = (encoder, reason, words)
    }

    public var description: String { "\(encoder) refused (\(reason.rawValue)): \(words)" }

    /// Statuses come first, where FFmpeg gives one that means something. A driver that isn't there is -1 (`EPERM`) in FFmpeg
    /// 5.1; the words are those of its nvenc.c and dynlink_loader.h.
    init(_ error: MediaError, encoder: String) {
        let words = error.log.isEmpty ? error.reason : error.log.joined(separator: "; ")
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        let reason: Reason =
            if error.status == YT_AVERROR_ENOMEM {
                .busy
            } else if error.status == YT_AVERROR_EPERM || says("Cannot load", "No CUDA capable", "CUDA_ERROR_NO_DEVICE")
            {
                .noDriver
            } else if says("out of memory") {
                .busy
            } else if error.code == .unsupported
                || says("unsupported", "No capable", "No NVENC capable", "not support", "API version")
            {
                .unsupported
            } else {
                .other
            }
        self.init(encoder: encoder, reason: reason, words: words)
    }
}
