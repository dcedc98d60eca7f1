/// Tells files that are no text by their first bytes.
enum BinaryKind {
    private static let signatures: [(bytes: [UInt8], name: String)] = [
        (Array("%PDF-".utf8), "a PDF document"), ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"),
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"), (Array("GIF8".utf8), "a GIF picture"),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or office document"), ([0x1F, 0x8B], "a gzip archive"),
        (Array("BZh".utf8), "a bzip2 archive"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard archive"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"),
        ([0x7F, 0x45, 0x4C, 0x46], "a program (ELF)"), (Array("RIFF".utf8), "a sound, picture or video file (RIFF)"),
        (Array("OggS".utf8), "an Ogg file"), (Array("ID3".utf8), "an MP3 file"), (Array("fLaC".utf8), "a FLAC file"),
        (Array("SQLite format 3".utf8), "an SQLite database"), ([0xD0, 0xCF, 0x11, 0xE0], "an old office document"),
        ([0x1A, 0x45, 0xDF, 0xA3], "a Matroska or WebM video"), (Array("{\\rtf".utf8), "an RTF document"),
    ]

    /// What the bytes seem to be; nil if they can be text.
    static func of(_ bytes: [UInt8]) -> String? {
        if let match = signatures.first(where: { bytes.starts(with: $0.bytes) }) { return match.name }
        if bytes.count > 12, bytes[4..<8].elementsEqual("ftyp".utf8) { return "an MP4 or HEIF file" }
        if TextDecoding.wideEncoding(of: bytes) != nil { return nil }
        // Text has no control characters but a few; a stray one does not make it binary.
        let sample = bytes.prefix(4096)
        let controls = sample.count { $0 < 0x20 && !(9...13).contains($0) && $0 != 0x1B }
        return controls > 3 + sample.count / 100 || sample.prefix(512).contains(0) ? "binary data" : nil
    }
}
