import CFFmpeg

/// Brings a picture to another size and another way of writing colours, whatever it had.
enum Scaler {
    /// How the samples of a result mean colours.
    struct Target {
        let format: AVPixelFormat
        let matrix: AVColorSpace
        let range: AVColorRange

        /// HD video.
        static var video: Target {
            Target(format: AV_PIX_FMT_YUV420P, matrix: AVCOL_SPC_BT709, range: AVCOL_RANGE_MPEG)
        }
        /// What text is drawn on with full colour resolution, before it becomes a JPEG.
        static var drawing: Target {
            Target(format: AV_PIX_FMT_YUV444P, matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_MPEG)
        }
        /// As JFIF prescribes.
        static var jpeg: Target {
            Target(format: AV_PIX_FMT_YUV444P, matrix: AVCOL_SPC_SMPTE170M, range: AVCOL_RANGE_JPEG)
        }
    }

    static func scale(
        _ source: Frame, width: Int, height: Int, to wanted: Target = .video
    ) throws(MediaError) -> Frame {
        if source.pixelFormat == AV_PIX_FMT_PAL8, wanted.matrix != AVCOL_SPC_RGB {
            // FFmpeg makes BT.601 of a palette whatever it is told: first its colours.
            let colours = Target(format: AV_PIX_FMT_BGRA, matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG)
            let plain = try scale(source, width: source.width, height: source.height, to: colours)
            return try scale(plain, width: width, height: height, to: wanted)
        }
        let target = try Frame(width: width, height: height, format: wanted.format)
        let kind = PictureKind(source)
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
        guard
            let context = sws_alloc_context().map(UnsafeMutableRawPointer.init),
            let scaler = OpaquePointer?(OpaquePointer(context))
        else {
            throw MediaError(.failed, "allocate scaler", status: YT_AVERROR_ENOMEM, reason: "out of memory")
        }
        defer { sws_freeContext(scaler) }
        for (key, value) in [
            ("srcw", Int64(source.width)), ("srch", Int64(source.height)), ("src_format", Int64(kind.format.rawValue)),
            ("dstw", Int64(width)), ("dsth", Int64(height)), ("dst_format", Int64(wanted.format.rawValue)),
            ("sws_flags", Int64(flags)),
            // Transparent parts show black, not whatever colour the file keeps under them.
            ("alphablend", 1),
        ] {
            try check(av_opt_set_int(context, key, value, 0), "set up scaler")
        }
        let tagged = source.pointer.pointee.colorspace
        // A still that doesn't say is JPEG's BT.601. The values of SWS_CS_ are those of AVColorSpace.
        let matrix = tagged == AVCOL_SPC_UNSPECIFIED || kind.isRGB ? SWS_CS_ITU601 : Int32(tagged.rawValue)
        func setColours() {
            sws_setColorspaceDetails(
                scaler, sws_getCoefficients(matrix), kind.isFullRange ? 1 : 0,
                sws_getCoefficients(Int32(wanted.matrix.rawValue)),
                wanted.range == AVCOL_RANGE_JPEG ? 1 : 0, 0,
                1 << 16, 1 << 16)
        }
        setColours()
        try check(
            sws_init_context(scaler, nil, nil),
            "scale a picture of \(source.width)×\(source.height) to \(width)×\(height)")
        // A picture with transparent parts goes through two scalers, of which the second is made only now, for BT.601.
        setColours()
        withUnsafeBytes(of: source.pointer.pointee.data) { planes in
            withUnsafeBytes(of: source.pointer.pointee.linesize) { strides in
                withUnsafeBytes(of: target.pointer.pointee.data) { targetPlanes in
                    withUnsafeBytes(of: target.pointer.pointee.linesize) { targetStrides in
                        _ = sws_scale(
                            scaler, planes.assumingMemoryBound(to: UnsafePointer<UInt8>?.self).baseAddress,
                            strides.assumingMemoryBound(to: Int32.self).baseAddress, 0, Int32(source.height),
                            targetPlanes.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self).baseAddress,
                            targetStrides.assumingMemoryBound(to: Int32.self).baseAddress)
                    }
                }
            }
        }
        target.pointer.pointee.colorspace = wanted.matrix
        target.pointer.pointee.color_range = wanted.range
        return target
    }
}
