import Glibc

/// Writes a mono 16-bit WAV file piece by piece, so that a long one needs no memory. Not complete before `finish()`;
/// closed in any case.
public struct WAVWriter: ~Copyable {
    public let path: String
    public let sampleRate: Int
    /// Samples written so far.
    public private(set) var count = 0
    private let file: UnsafeMutablePointer<FILE>

    /// A RIFF chunk tells its length in 32 bits.
    private static let limit = (Int(UInt32.max) - 64) / 2

    public init(path: String, sampleRate: Int = 48_000) throws(SpeechError) {
        guard let file = fopen(path, "wbe") else { throw .errno(path, "created") }
        guard Self.writeHeader(to: file, sampleRate: sampleRate, count: 0) else {
            defer { fclose(file) }
            throw .errno(path, "written")
        }
        (self.path, self.sampleRate, self.file) = (path, sampleRate, file)
    }

    deinit { fclose(file) }

    public mutating func append(_ samples: [Int16]) throws(SpeechError) {
        guard count + samples.count <= Self.limit else {
            throw SpeechError(.format, "\(path) would become longer than a WAV file can be")
        }
        // WAV is little-endian, as every machine is that the engines are packaged for.
        let written = samples.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        guard written == samples.count * 2 else { throw .errno(path, "written") }
        count += samples.count
    }

    public mutating func append(silence samples: Int) throws(SpeechError) {
        if samples > 0 { try append([Int16](repeating: 0, count: samples)) }
    }

    /// Writes the length into the header and everything to the file.
    public consuming func finish() throws(SpeechError) {
        guard fseek(file, 0, SEEK_SET) == 0, Self.writeHeader(to: file, sampleRate: sampleRate, count: count),
            fflush(file) == 0
        else { throw .errno(path, "written") }
    }

    private static func writeHeader(to file: UnsafeMutablePointer<FILE>, sampleRate: Int, count: Int) -> Bool {
        let bytes = UInt32(count * 2)
        var header: [UInt8] = []
        func put(_ text: String) { header += text.utf8 }
        func put(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { header += $0 } }
        put("RIFF")
        put(36 + bytes)
        put("WAVEfmt ")
        put(UInt32(16))
        put(UInt16(1))
        put(UInt16(1))
        put(UInt32(sampleRate))
        put(UInt32(sampleRate * 2))
        put(UInt16(2))
        put(UInt16(16))
        put("data")
        put(bytes)
        return fwrite(header, 1, header.count, file) == header.count
    }
}

extension SpeechError {
    static func errno(_ path: String, _ deed: String) -> SpeechError {
        SpeechError(.file, "\(path) could not be \(deed): \(String(cString: strerror(Glibc.errno)))")
    }
}
