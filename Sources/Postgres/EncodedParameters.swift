import Foundation

/// A statement's parameters as libpq takes them: one buffer that holds all texts, each ended by a NUL.
///
/// Text, not binary: only the server knows which type a place wants, and it reads every type's text. Bytes alone go as
/// they are, being twice as long in text.
struct EncodedParameters {
    private var buffer: [UInt8] = []
    /// Where each value starts in `buffer`; -1 for NULL.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ values: [PostgresValue], statement: String) throws(PostgresError) {
        starts.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        formats.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let start = buffer.count
            switch value {
            case .null:
                starts.append(-1)
                lengths.append(0)
                formats.append(0)
                continue
            case .bytes(let bytes):
                buffer.append(contentsOf: bytes)
                formats.append(1)
            default:
                value.appendText(to: &buffer)
                formats.append(0)
                if value.mayHoldNUL, buffer[start...].contains(0) {
                    throw PostgresError(
                        .invalidParameter, "parameter $\(index + 1) holds a NUL character, which Postgres' text can't",
                        statement: statement)
                }
                if !value.isWithinRange {
                    throw PostgresError(
                        .invalidParameter, "parameter $\(index + 1) is a moment outside Postgres' calendar",
                        statement: statement)
                }
            }
            starts.append(start)
            lengths.append(Int32(clamping: buffer.count - start))
            buffer.append(0)
        }
        // Keeps the base address non-nil for an empty list.
        if buffer.isEmpty { buffer.append(0) }
    }

    /// Calls `body` with count, values, lengths and formats, valid for the call only.
    func withPointers<Result>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        buffer.withUnsafeBytes { bytes in
            let characters = bytes.bindMemory(to: CChar.self)
            let values = starts.map { start in start < 0 ? nil : characters.baseAddress.map { $0 + start } }
            return body(Int32(starts.count), values, lengths, formats)
        }
    }
}

extension PostgresValue {
    /// Appends the text form, without quotes around it. `.null` has none and appends nothing.
    func appendText(to text: inout [UInt8]) {
        switch self {
        case .null: break
        case .int64(let value): text.append(contentsOf: String(value).utf8)
        case .double(let value): text.append(contentsOf: Self.text(value).utf8)
        case .bool(let value): text.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .text(let value), .jsonb(let value): text.append(contentsOf: value.utf8)
        case .bytes(let bytes):
            text.append(contentsOf: "\\x".utf8)
            HexText.append(bytes, to: &text)
        case .uuid(let value): HexText.append(value, to: &text)
        case .timestamp(let date):
            if TimestampText.canHold(date) { TimestampText.append(date, to: &text) }
        case .array(let elements): Self.append(elements, to: &text)
        }
    }

    var mayHoldNUL: Bool {
        switch self {
        case .text, .jsonb: true
        case .array(let elements): elements.contains(where: \.mayHoldNUL)
        default: false
        }
    }

    var isWithinRange: Bool {
        switch self {
        case .timestamp(let date): TimestampText.canHold(date)
        case .array(let elements): elements.allSatisfy(\.isWithinRange)
        default: true
        }
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return "\(value)"
    }

    private static func append(_ elements: [PostgresValue], to text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            switch element {
            case .null: text.append(contentsOf: "NULL".utf8)
            case .array: element.appendText(to: &text)
            case .int64, .double, .bool, .uuid: element.appendText(to: &text)
            case .text, .jsonb, .bytes, .timestamp:
                var plain: [UInt8] = []
                element.appendText(to: &plain)
                text.append(UInt8(ascii: "\""))
                for byte in plain {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                    text.append(byte)
                }
                text.append(UInt8(ascii: "\""))
            }
        }
        text.append(UInt8(ascii: "}"))
    }
}
