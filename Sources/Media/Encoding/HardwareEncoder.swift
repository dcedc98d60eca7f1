import CFFmpeg
import Synchronization

/// Opens the GPU's encoder. A seam: without a GPU its answers can only be played.
protocol HardwareEncoder: Sendable {
    /// Throws where there is no device at all. Takes none of its sessions.
    func findDevice() throws(MediaError)

    /// - Parameter isPlain: without what only newer chips do.
    func open(_ encoders: VideoEncoders, isPlain: Bool) throws(MediaError) -> Encoder
}

/// NVENC through FFmpeg, on the first GPU there is. All encoders that are open at one time share one device.
final class NVENC: HardwareEncoder {
    private struct Box: ~Copyable {
        weak var device: GPUDevice?
    }
    private let box = Mutex(Box())

    func findDevice() throws(MediaError) { _ = try device() }

    func open(_ encoders: VideoEncoders, isPlain: Bool) throws(MediaError) -> Encoder {
        let device = try device()
        return try encoders.nvenc(isPlain: isPlain, frames: HardwareFrames(device, size: encoders.size))
    }

    private func device() throws(MediaError) -> GPUDevice {
        try box.withLock { (box: inout Box) throws(MediaError) in
            if let device = box.device { return device }
            let made = try GPUDevice()
            box.device = made
            return made
        }
    }
}
