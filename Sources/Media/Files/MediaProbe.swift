import CFFmpeg
import Foundation

/// What is in a media file, found by looking.
public struct MediaProbe: Sendable, Hashable, Codable {
    public struct Video: Sendable, Hashable, Codable {
        public let codec: String
        public let profile: String
        public let width: Int
        public let height: Int
        /// As it is seen: turned as the file says, with square pixels.
        public let shownWidth: Int
        public let shownHeight: Int
        /// Frames a second on the average; 0 where the file doesn't say.
        public let frameRate: Double
        /// Its light reaches beyond what SDR shows: PQ or HLG.
        public var isHDR: Bool { transfer == "smpte2084" || transfer == "arib-std-b67" }
        public let pixelFormat: String
        /// FFmpeg's names: `bt709`, or `unknown` where the file doesn't say.
        public let matrix: String
        public let primaries: String
        public let transfer: String
        /// `tv`, `pc` or `unknown`.
        public let range: String
        /// Seconds.
        public let start: Double
        public let duration: Double
        /// How many frames really decode; nil when not decoded.
        public let frames: Int?
        /// The distance between key frames, in frames, the greatest found; nil when not decoded.
        public let keyFrameDistance: Int?
        /// Mean luma of about ten frames spread over the video, 16 (black) to 235; empty when not decoded.
        public let meanLuma: [Double]
        /// The darkest and the lightest sample of those frames.
        public let lumaRange: ClosedRange<Int>?
    }

    public struct Audio: Sendable, Hashable, Codable {
        public let codec: String
        public let profile: String
        public let sampleRate: Int
        public let channels: Int
        public let start: Double
        public let duration: Double
        /// LUFS (EBU R 128); nil for silence or when not decoded.
        public let integratedLoudness: Double?
        /// dBTP; nil for silence or when not decoded.
        public let truePeak: Double?
    }

    /// FFmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`.
    public let container: String
    /// Seconds.
    public let duration: Double
    public let bytes: Int64
    /// The first of each kind.
    public let video: Video?
    public let audio: Audio?
    /// MP4 only: the index comes before the data, so that playing can begin before the download ends.
    public let indexComesFirst: Bool
    /// MP4 only: some track has an edit list (`elst`).
    public let hasEditList: Bool

    public enum Depth: Sendable {
        /// What the file says of itself.
        case headers
        /// Every frame decoded and the loudness measured.
        case everything
    }

    /// Looks at the file `path`. To choose parts of a film, `.headers` is enough: how long it is, its size and frame rate, whether it
    /// has sound.
    ///
    /// - Throws: `.unreadable` or `.damaged`, the latter also where some frame doesn't decode; `.invalid` beyond `limits`.
    public static func probe(
        _ path: String, depth: Depth = .everything, limits: MediaLimits = MediaLimits()
    ) async throws(MediaError) -> MediaProbe {
        try await blockingWork("probe") { (flag: CancellationFlag) throws(MediaError) in
            let file = try InputFile(path, limits: limits, flag: flag)
            let layout = MP4Layout(path: path)
            var (video, audio): (Video?, Audio?)
            if let stream = file.stream(AVMEDIA_TYPE_VIDEO) {
                video = try Video(
                    stream, orientation: orientation(of: stream, in: file),
                    seen: depth == .headers ? nil : VideoInspection(path, near: stream, limits: limits, flag: flag))
            }
            if let stream = file.stream(AVMEDIA_TYPE_AUDIO) {
                audio = try Audio(
                    stream, heard: depth == .headers ? nil : SoundInspection.inspect(path, limits: limits, flag: flag))
            }
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return MediaProbe(
                container: file.format, duration: file.duration,
                bytes: (attributes?[.size] as? NSNumber)?.int64Value ?? 0, video: video, audio: audio,
                indexComesFirst: layout.indexComesFirst, hasEditList: layout.hasEditList)
        }
    }
}

extension MediaProbe.Video {
    fileprivate init(_ stream: UnsafeMutablePointer<AVStream>, orientation: Orientation, seen: VideoInspection?) {
        let parameters = stream.pointee.codecpar.pointee
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        profile = words(avcodec_profile_name(parameters.codec_id, parameters.profile))
        (width, height) = (Int(parameters.width), Int(parameters.height))
        let aspect = Self.pixelAspect(stream)
        let size = (Int((Double(width) * aspect).rounded()), height)
        (shownWidth, shownHeight) = orientation.isTransposed ? (size.1, size.0) : size
        let rate = av_q2d(stream.pointee.avg_frame_rate)
        frameRate = rate.isFinite ? rate : 0
        pixelFormat = words(av_get_pix_fmt_name(AVPixelFormat(parameters.format)))
        matrix = words(av_color_space_name(parameters.color_space))
        primaries = words(av_color_primaries_name(parameters.color_primaries))
        transfer = words(av_color_transfer_name(parameters.color_trc))
        range = words(av_color_range_name(parameters.color_range))
        (start, duration) = times(of: stream)
        frames = seen?.frames
        keyFrameDistance = seen?.keyFrameDistance
        meanLuma = seen?.meanLuma ?? []
        lumaRange = seen?.lumaRange
    }

    /// Width of a pixel for each of its height, by the container's word or else the codec's.
    private static func pixelAspect(_ stream: UnsafeMutablePointer<AVStream>) -> Double {
        let ofStream = stream.pointee.sample_aspect_ratio
        let ratio = ofStream.num > 0 ? ofStream : stream.pointee.codecpar.pointee.sample_aspect_ratio
        let aspect = ratio.den > 0 ? av_q2d(ratio) : 0
        return (0.1...10).contains(aspect) ? aspect : 1
    }
}

extension MediaProbe.Audio {
    fileprivate init(_ stream: UnsafeMutablePointer<AVStream>, heard: LoudnessMeter?) {
        let parameters = stream.pointee.codecpar.pointee
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        profile = words(avcodec_profile_name(parameters.codec_id, parameters.profile))
        sampleRate = Int(parameters.sample_rate)
        channels = Int(parameters.ch_layout.nb_channels)
        (start, duration) = times(of: stream)
        integratedLoudness = heard?.integrated
        truePeak = heard?.truePeak
    }
}

/// Of a film its stream tells, of a picture only what is decoded. Pictures of other kinds than these two are never turned.
private func orientation(
    of stream: UnsafeMutablePointer<AVStream>, in file: InputFile
) throws(MediaError) -> Orientation {
    guard ["jpeg_pipe", "webp_pipe"].contains(file.format) else { return Orientation(stream) }
    return try StillFile.orientation(of: file.path, limits: file.limits, flag: file.flag)
}

/// FFmpeg's name of something, or `unknown`.
private func words(_ name: UnsafePointer<CChar>?) -> String { name.map { String(cString: $0) } ?? "unknown" }

/// Seconds; 0 where the file doesn't say.
private func times(of stream: UnsafeMutablePointer<AVStream>) -> (start: Double, duration: Double) {
    func seconds(_ time: Int64) -> Double {
        time == YT_NOPTS_VALUE ? 0 : Double(time) * av_q2d(stream.pointee.time_base)
    }
    return (seconds(stream.pointee.start_time), seconds(stream.pointee.duration))
}
