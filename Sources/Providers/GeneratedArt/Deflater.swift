import CZlib

/// Compresses bytes by deflate (RFC 1951), without the zlib header, so that pieces made apart can be joined.
struct Deflater: ~Copyable {
    /// zlib keeps this address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var output: [UInt8] = []
    /// Of all that was put in (RFC 1950).
    private(set) var checksum: UInt = 1
    /// How many bytes were put in.
    private(set) var length = 0
    private var buffer = [UInt8](repeating: 0, count: 1 << 17)

    init() throws(PictureFault) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Grain leaves nothing to be found twice: entropy coding alone is as small here, and much faster.
        let status = czlib_deflate_init(stream, 1, -15, Z_HUFFMAN_ONLY)
        guard status == Z_OK else {
            stream.deallocate()
            throw PictureFault(reason: "zlib could not start compressing (status \(status)): too little memory")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    mutating func append(_ bytes: UnsafeMutablePointer<UInt8>, count: Int) {
        checksum = UInt(adler32(checksum, bytes, UInt32(count)))
        length += count
        stream.pointee.next_in = bytes
        stream.pointee.avail_in = UInt32(count)
        run(Z_NO_FLUSH)
    }

    /// Ends the stream, or, if another piece follows, only fills up its last byte.
    mutating func finish(isLast: Bool) { run(isLast ? Z_FINISH : Z_SYNC_FLUSH) }

    private mutating func run(_ flush: Int32) {
        while true {
            let room = buffer.count
            let left = buffer.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(room)
                deflate(stream, flush)
                return Int(stream.pointee.avail_out)
            }
            output.append(contentsOf: buffer[..<(room - left)])
            if left > 0 { return }
        }
    }
}
