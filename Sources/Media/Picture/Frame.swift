import CFFmpeg

/// A picture, or a piece of sound, as samples. Sharing one shares its samples: FFmpeg counts the references.
final class Frame {
    let pointer: UnsafeMutablePointer<AVFrame>

    /// Without samples: something receives into it.
    init() throws(MediaError) { pointer = try require(av_frame_alloc(), "allocate frame") }

    deinit {
        var pointer: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&pointer)
    }

    /// A picture with room for its samples.
    convenience init(width: Int, height: Int, format: AVPixelFormat) throws(MediaError) {
        try self.init()
        pointer.pointee.width = Int32(width)
        pointer.pointee.height = Int32(height)
        pointer.pointee.format = format.rawValue
        try check(av_frame_get_buffer(pointer, 0), "allocate picture \(width)×\(height)")
    }

    func clear() { av_frame_unref(pointer) }

    var width: Int { Int(pointer.pointee.width) }
    var height: Int { Int(pointer.pointee.height) }
    var pixelFormat: AVPixelFormat { AVPixelFormat(pointer.pointee.format) }
    var sampleCount: Int { Int(pointer.pointee.nb_samples) }

    /// When it is shown or heard, in units its source defines.
    var time: Int64 {
        get { pointer.pointee.pts }
        set { pointer.pointee.pts = newValue }
    }

    /// A plain WAV counts its channels and doesn't name them, but filters want names: the usual ones for that many.
    func nameChannels() {
        let layout = pointer.pointee.ch_layout
        guard layout.order == AV_CHANNEL_ORDER_UNSPEC else { return }
        av_channel_layout_default(&pointer.pointee.ch_layout, layout.nb_channels)
    }

    /// A value that a filter attached.
    func metadata(_ key: String) -> String? {
        guard let entry = av_dict_get(pointer.pointee.metadata, key, nil, 0) else { return nil }
        return String(cString: entry.pointee.value)
    }

    /// One plane of a 4:2:0 or 4:4:4 picture of 8 bits: its first sample, the bytes from line to line, its width and height.
    func plane(_ index: Int) -> Plane? {
        let (data, stride) =
            switch index {
            case 0: (pointer.pointee.data.0, pointer.pointee.linesize.0)
            case 1: (pointer.pointee.data.1, pointer.pointee.linesize.1)
            default: (pointer.pointee.data.2, pointer.pointee.linesize.2)
            }
        guard let data else { return nil }
        let isHalved = index > 0 && pixelFormat == AV_PIX_FMT_YUV420P
        return Plane(
            samples: data, stride: Int(stride), width: isHalved ? (width + 1) / 2 : width,
            height: isHalved ? (height + 1) / 2 : height)
    }

    /// Valid as long as its frame.
    struct Plane {
        let samples: UnsafeMutablePointer<UInt8>
        let stride: Int
        let width: Int
        let height: Int
    }
}

/// Gives out pictures of one size, and takes their memory back once nothing refers to them.
final class FramePool {
    private let size: FrameSize
    private let pool: OpaquePointer

    init(_ size: FrameSize) throws(MediaError) {
        self.size = size
        let bytes = av_image_get_buffer_size(AV_PIX_FMT_YUV420P, Int32(size.width), Int32(size.height), 64)
        // Filters and encoders read a few bytes past the last sample.
        guard let pool = av_buffer_pool_init(Int(bytes) + 64, nil) else {
            throw MediaError(.failed, "allocate frame pool", status: YT_AVERROR_ENOMEM, reason: "out of memory")
        }
        self.pool = pool
    }

    deinit {
        var pool: OpaquePointer? = pool
        av_buffer_pool_uninit(&pool)
    }

    /// A picture tagged BT.709, limited range, with samples left from an earlier use.
    func frame() throws(MediaError) -> Frame {
        let frame = try Frame()
        let buffer = try require(av_buffer_pool_get(pool), "allocate picture")
        frame.pointer.pointee.buf.0 = buffer
        frame.pointer.pointee.width = Int32(size.width)
        frame.pointer.pointee.height = Int32(size.height)
        frame.pointer.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        frame.pointer.pointee.colorspace = AVCOL_SPC_BT709
        frame.pointer.pointee.color_primaries = AVCOL_PRI_BT709
        frame.pointer.pointee.color_trc = AVCOL_TRC_BT709
        frame.pointer.pointee.color_range = AVCOL_RANGE_MPEG
        frame.pointer.pointee.chroma_location = AVCHROMA_LOC_LEFT
        frame.pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        withUnsafeMutableBytes(of: &frame.pointer.pointee.data) { data in
            withUnsafeMutableBytes(of: &frame.pointer.pointee.linesize) { strides in
                _ = av_image_fill_arrays(
                    data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self).baseAddress,
                    strides.assumingMemoryBound(to: Int32.self).baseAddress, buffer.pointee.data,
                    AV_PIX_FMT_YUV420P, Int32(size.width), Int32(size.height), 64)
            }
        }
        frame.pointer.pointee.extended_data = withUnsafeMutableBytes(of: &frame.pointer.pointee.data) {
            $0.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self).baseAddress
        }
        return frame
    }
}
