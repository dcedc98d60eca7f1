import CXML2
import Glibc

/// Turns bytes into UTF-8, whatever they are said to be. Feeds lie about their encoding often enough that what the bytes
/// show counts for more than what is declared: a byte-order mark, then valid UTF-8, then the declaration.
enum TextDecoding {
    /// Valid UTF-8 without a byte-order mark. `declared` are the labels given, the most trusted first.
    static func utf8(_ bytes: [UInt8], declared: [String]) -> [UInt8] {
        if let wide = wideEncoding(of: bytes) { return converted(bytes[wide.skip...], from: wide.name) ?? [] }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        let label = declared.lazy.map { $0.lowercased() }.first { !$0.hasPrefix("utf-16") && !$0.hasPrefix("utf-32") }
        // Seven-bit encodings with escapes look like ASCII.
        if let label, label.hasPrefix("iso-2022") || label == "hz-gb-2312" {
            return converted(body, from: label) ?? Array(body)
        }
        if String(validating: body, as: UTF8.self) != nil { return Array(body) }
        switch label {
        case "iso-8859-1", "iso_8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "ansi":
            return repaired(body, keepingUTF8: false)
        case nil, "utf-8", "utf8", "us-ascii", "ascii", "unicode": return repaired(body, keepingUTF8: true)
        case let other?: return converted(body, from: other) ?? repaired(body, keepingUTF8: true)
        }
    }

    /// UTF-16 and UTF-32 by their mark, or by the zeros around the first character of a document.
    static func wideEncoding(of bytes: [UInt8]) -> (name: String, skip: Int)? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return ("UTF-32LE", 4) }
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return ("UTF-32BE", 4) }
        if bytes.starts(with: [0xFF, 0xFE]) { return ("UTF-16LE", 2) }
        if bytes.starts(with: [0xFE, 0xFF]) { return ("UTF-16BE", 2) }
        if bytes.starts(with: [0x3C, 0]), bytes.count > 3, bytes[2] != 0, bytes[3] == 0 { return ("UTF-16LE", 0) }
        if bytes.starts(with: [0, 0x3C, 0]), bytes.count > 3, bytes[3] != 0 { return ("UTF-16BE", 0) }
        return nil
    }

    /// Reads bytes that are no UTF-8 as windows-1252, which is what they nearly always are (and Latin-1 is part of it).
    /// Keeping what is UTF-8 mends texts pasted together from both.
    private static func repaired(_ bytes: ArraySlice<UInt8>, keepingUTF8: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            let length = keepingUTF8 ? sequenceLength(bytes[index...]) : (byte < 0x80 ? 1 : 0)
            if length > 0 {
                result += bytes[index..<(index + length)]
                index += length
            } else {
                let scalar = (0x80...0x9F).contains(byte) ? windows1252[Int(byte) - 0x80] : UInt16(byte)
                result += Unicode.Scalar(scalar).map { Array(String($0).utf8) } ?? []
                index += 1
            }
        }
        return result
    }

    /// Bytes of the valid UTF-8 character at the beginning, 0 if there is none.
    private static func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int {
        guard let first = bytes.first else { return 0 }
        if first < 0x80 { return 1 }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard length > 0, bytes.count >= length else { return 0 }
        return String(validating: bytes.prefix(length), as: UTF8.self) == nil ? 0 : length
    }

    /// By the C library; what can't be converted becomes U+FFFD. Nil if it does not know the encoding.
    private static func converted(_ bytes: ArraySlice<UInt8>, from encoding: String) -> [UInt8]? {
        let known = encoding.utf8.allSatisfy { $0 < 0x7F && $0 > 0x20 && $0 != UInt8(ascii: "/") }
        guard known, let converter = iconv_open("UTF-8", encoding), Int(bitPattern: converter) != -1 else { return nil }
        defer { iconv_close(converter) }
        var input = Array(bytes).map { CChar(bitPattern: $0) }
        var result: [UInt8] = []
        var output = [CChar](repeating: 0, count: 64 * 1024)
        input.withUnsafeMutableBufferPointer { input in
            var (next, left) = (input.baseAddress, input.count)
            while left > 0 {
                let (status, written) = output.withUnsafeMutableBufferPointer { output in
                    var (place, room) = (output.baseAddress, output.count)
                    let status = iconv(converter, &next, &left, &place, &room)
                    return (status == -1 ? errno : 0, output.count - room)
                }
                result += output[..<written].lazy.map(UInt8.init(bitPattern:))
                if status == EILSEQ || status == EINVAL {
                    result += [0xEF, 0xBF, 0xBD]
                    next = next?.advanced(by: 1)
                    left -= 1
                }
            }
        }
        return result
    }

    /// The characters of the bytes 0x80–0x9F (https://encoding.spec.whatwg.org/index-windows-1252.txt).
    private static let windows1252: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]
}
