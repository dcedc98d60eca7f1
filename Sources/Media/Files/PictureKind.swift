import CFFmpeg

/// What the samples of a decoded picture mean, as far as it says, and else as players take it.
struct PictureKind: Sendable, Hashable {
    let width: Int
    let height: Int
    let format: AVPixelFormat
    /// Width of a pixel for each of its height.
    let pixelAspect: Double
    /// As the filter `zscale` calls them.
    let matrix: String
    let isFullRange: Bool
    /// Its colours reach beyond BT.709's.
    let isWide: Bool
    let light: Light

    /// How samples become light.
    enum Light: Sendable, Hashable { case standard, perceptual, hybrid }

    init(_ frame: Frame) {
        let values = frame.pointer.pointee
        (width, height) = (frame.width, frame.height)
        let aspect = av_q2d(values.sample_aspect_ratio)
        pixelAspect = values.sample_aspect_ratio.den > 0 && (0.1...10).contains(aspect) ? aspect : 1
        let isOldFullRange: Bool
        (format, isOldFullRange) = Self.plain(frame.pixelFormat)
        let flags = av_pix_fmt_desc_get(format)?.pointee.flags ?? 0
        let isRGB = flags & UInt64(AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL) != 0
        isFullRange = isRGB || isOldFullRange || values.color_range == AVCOL_RANGE_JPEG
        isWide = values.color_primaries == AVCOL_PRI_BT2020
        light =
            switch values.color_trc {
            case AVCOL_TRC_SMPTE2084: .perceptual
            case AVCOL_TRC_ARIB_STD_B67: .hybrid
            default: .standard
            }
        matrix =
            switch values.colorspace {
            case _ where isRGB: "gbr"
            case AVCOL_SPC_BT709: "709"
            case AVCOL_SPC_SMPTE170M, AVCOL_SPC_BT470BG: "170m"
            case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: "2020_ncl"
            case AVCOL_SPC_FCC: "fcc"
            case AVCOL_SPC_SMPTE240M: "240m"
            case AVCOL_SPC_YCGCO: "ycgco"
            // It doesn't say. Wide colours are never coded by another; else what is of HD's size is taken for HD.
            case _ where isWide: "2020_ncl"
            case _ where max(frame.width, frame.height) >= 1280 || min(frame.width, frame.height) >= 720: "709"
            default: "170m"
            }
    }

    var isRGB: Bool { matrix == "gbr" }

    var hasAlpha: Bool {
        let flags = av_pix_fmt_desc_get(format)?.pointee.flags ?? 0
        return flags & UInt64(AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL) != 0
    }

    /// Its samples mean what those of a video frame mean: limited range, BT.709, 4:2:0, 8 bits.
    var isVideo: Bool {
        format == AV_PIX_FMT_YUV420P && matrix == "709" && !isFullRange && !isWide && light == .standard
    }

    /// The `yuvj` formats mean full range and are deprecated: the plain format and the range say the same.
    private static func plain(_ format: AVPixelFormat) -> (AVPixelFormat, isFullRange: Bool) {
        switch format {
        case AV_PIX_FMT_YUVJ420P: (AV_PIX_FMT_YUV420P, true)
        case AV_PIX_FMT_YUVJ422P: (AV_PIX_FMT_YUV422P, true)
        case AV_PIX_FMT_YUVJ444P: (AV_PIX_FMT_YUV444P, true)
        case AV_PIX_FMT_YUVJ440P: (AV_PIX_FMT_YUV440P, true)
        case AV_PIX_FMT_YUVJ411P: (AV_PIX_FMT_YUV411P, true)
        default: (format, false)
        }
    }
}
