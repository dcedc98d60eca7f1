import Glibc

extension Sound {
    /// Reads a whole mono 16-bit PCM WAV file. Other chunks than `fmt ` and `data` are passed over.
    public init(wav path: String) throws(SpeechError) {
        let bytes = try Self.bytes(of: path)
        func malformed(_ why: String) -> SpeechError {
            SpeechError(.format, "\(path) is not a mono 16-bit WAV: \(why)")
        }
        func number(_ offset: Int, bytes count: Int) -> Int {
            bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func tag(_ offset: Int) -> String { String(decoding: bytes[offset..<(offset + 4)], as: UTF8.self) }
        guard bytes.count >= 12, tag(0) == "RIFF", tag(8) == "WAVE" else { throw malformed("no RIFF header") }
        var offset = 12
        var rate: Int?
        while offset + 8 <= bytes.count {
            let body = offset + 8
            let length = number(offset + 4, bytes: 4)
            guard body + length <= bytes.count else { throw malformed("its chunk \(tag(offset)) is cut off") }
            switch tag(offset) {
            case "fmt ":
                guard length >= 16, number(body, bytes: 2) == 1, number(body + 2, bytes: 2) == 1,
                    number(body + 14, bytes: 2) == 16
                else { throw malformed("another format") }
                rate = number(body + 4, bytes: 4)
            case "data":
                guard let rate, rate > 0 else { throw malformed("its data comes before its format") }
                let samples = bytes[body..<(body + length / 2 * 2)].withUnsafeBytes { raw in
                    (0..<(length / 2)).map {
                        Int16(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 2, as: Int16.self))
                    }
                }
                self.init(sampleRate: rate, samples: samples)
                return
            default: break
            }
            // Chunks begin at even offsets.
            offset = body + length + length % 2
        }
        throw malformed("no data")
    }

    private static func bytes(of path: String) throws(SpeechError) -> [UInt8] {
        guard let file = fopen(path, "rbe") else { throw .errno(path, "opened") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, file)
            bytes += block[..<count]
            if count < block.count {
                guard ferror(file) == 0 else { throw .errno(path, "read") }
                return bytes
            }
        }
    }
}
