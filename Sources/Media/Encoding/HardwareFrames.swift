import CFFmpeg

/// A GPU, opened by us and not by the encoder: only then does the encoder's refusal keep its own status, so that "busy"
/// (`ENOMEM`) and "never" (`ENOSYS`) are told apart. It has never met a GPU.
final class GPUDevice: @unchecked Sendable {
    // Unchecked: nothing of ours changes after `init`, and FFmpeg counts references to a buffer atomically.
    let reference: UnsafeMutablePointer<AVBufferRef>

    init() throws(MediaError) {
        var reference: UnsafeMutablePointer<AVBufferRef>?
        try check(av_hwdevice_ctx_create(&reference, AV_HWDEVICE_TYPE_CUDA, nil, nil, 0), "open GPU")
        self.reference = try require(reference, "open GPU")
    }

    deinit {
        var reference: UnsafeMutablePointer<AVBufferRef>? = reference
        av_buffer_unref(&reference)
    }
}

/// Pictures in a GPU's memory, all of one size, as its encoder takes them: each goes up once.
final class HardwareFrames {
    let reference: UnsafeMutablePointer<AVBufferRef>
    private let device: GPUDevice

    init(_ device: GPUDevice, size: FrameSize) throws(MediaError) {
        self.device = device
        let reference = try require(av_hwframe_ctx_alloc(device.reference), "allocate GPU frames")
        self.reference = reference
        reference.pointee.data.withMemoryRebound(to: AVHWFramesContext.self, capacity: 1) { frames in
            frames.pointee.format = AV_PIX_FMT_CUDA
            frames.pointee.sw_format = AV_PIX_FMT_YUV420P
            frames.pointee.width = Int32(size.width)
            frames.pointee.height = Int32(size.height)
        }
        try check(av_hwframe_ctx_init(reference), "allocate GPU frames")
    }

    deinit {
        var reference: UnsafeMutablePointer<AVBufferRef>? = reference
        av_buffer_unref(&reference)
    }

    /// A copy of `frame` in the GPU's memory, with its time and kind.
    func upload(_ frame: Frame) throws(MediaError) -> Frame {
        let copy = try Frame()
        try check(av_hwframe_get_buffer(reference, copy.pointer, 0), "allocate GPU frame")
        try check(av_hwframe_transfer_data(copy.pointer, frame.pointer, 0), "copy frame to the GPU")
        try check(av_frame_copy_props(copy.pointer, frame.pointer), "copy frame to the GPU")
        return copy
    }
}
