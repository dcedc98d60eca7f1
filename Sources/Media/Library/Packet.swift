import CFFmpeg

/// Compressed data: one frame of video or about 21 ms of sound.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws(MediaError) { pointer = try require(av_packet_alloc(), "allocate packet") }

    deinit {
        var pointer: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&pointer)
    }

    func clear() { av_packet_unref(pointer) }
}
