import CFFmpeg

/// Names bytes by what they are (FIPS 180-4). FFmpeg's.
final class SHA256 {
    private var context: OpaquePointer?

    init() throws(MediaError) {
        guard let context = av_sha_alloc() else {
            throw MediaError(.failed, "allocate hash", status: YT_AVERROR_ENOMEM, reason: "out of memory")
        }
        self.context = context
        av_sha_init(context, 256)
    }

    deinit { av_freep(&context) }

    func add(_ bytes: UnsafeRawBufferPointer) {
        av_sha_update(context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }

    func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    /// 64 digits, lower-case hexadecimal. Nothing may be added afterwards.
    var digits: String {
        var digest = [UInt8](repeating: 0, count: 32)
        av_sha_final(context, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
