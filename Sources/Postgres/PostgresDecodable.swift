public import Foundation

/// A Swift type that can be read from a column.
///
/// A column is read only as what it is: reading a bigint as `String`, or a timestamptz as `Int`, is an error. Types
/// without a Swift counterpart (numeric, interval, date, enums, json) are read as their text.
public protocol PostgresDecodable {
    /// What SQL's NULL becomes; nil when this type has no value for it.
    static var postgresNull: Self? { get }
    /// The value from a column's text form, valid for the call only; nil when `type` is not this type, or malformed.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Self?
    /// An array of these. Only bytes, whose array is not an array in SQL, need their own.
    static func decodeArray(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> [Self]?
}

extension PostgresDecodable {
    public static var postgresNull: Self? { nil }

    public static func decodeArray(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> [Self]? {
        guard let element = type.element, var parser = ArrayTextParser(text) else { return nil }
        var values: [Self] = []
        while true {
            switch parser.next() {
            case .value(let bytes):
                guard let value = bytes.withUnsafeBufferPointer({ decode($0, type: element) }) else { return nil }
                values.append(value)
            case .null:
                guard let value = postgresNull else { return nil }
                values.append(value)
            case .end: return values
            case .malformed: return nil
            }
        }
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Self? {
        RawValue.decode(text, type: type).flatMap(Self.init(rawValue:))
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static var postgresNull: Wrapped?? { .some(nil) }
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Wrapped?? {
        Wrapped.decode(text, type: type).map(Optional.some)
    }
}

extension Array: PostgresDecodable where Element: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> [Element]? {
        Element.decodeArray(text, type: type)
    }
}

extension FixedWidthInteger {
    /// All of an optional minus sign and digits, and nothing else.
    fileprivate init?(decimal text: UnsafeBufferPointer<UInt8>) {
        var digits = text[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits.removeFirst() }
        guard !digits.isEmpty else { return nil }
        var value: Self = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted downward when negative, since the least value has no positive counterpart.
            let step = Self(digit - 0x30)
            let (sum, carry) =
                negative ? shifted.subtractingReportingOverflow(step) : shifted.addingReportingOverflow(step)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }
}

extension Int64: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Int64? {
        switch type {
        case .int8, .int4, .int2, .oid: Int64(decimal: text)
        default: nil
        }
    }
}

extension Int: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Int? {
        Int64.decode(text, type: type).flatMap(Int.init(exactly:))
    }
}

extension Int32: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Int32? {
        type == .int4 || type == .int2 ? Int32(decimal: text) : nil
    }
}

extension Int16: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Int16? {
        type == .int2 ? Int16(decimal: text) : nil
    }
}

/// Read alone from a smallint; `[UInt8]` is a bytea.
extension UInt8: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> UInt8? {
        type == .int2 ? UInt8(decimal: text) : nil
    }

    public static func decodeArray(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> [UInt8]? {
        type == .bytea ? HexText.bytes(text) : nil
    }
}

extension Double: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Double? {
        guard type == .float8 || type == .float4 else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }
}

extension Bool: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Bool? {
        guard type == .bool, text.count == 1 else { return nil }
        return text[0] == UInt8(ascii: "t")
    }
}

extension String: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> String? {
        switch type {
        case .bool, .int2, .int4, .int8, .oid, .float4, .float8, .bytea, .uuid, .timestamp, .timestamptz: return nil
        default:
            if type.element != nil, !type.isUserDefined { return nil }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

extension UUID: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> UUID? {
        type == .uuid ? HexText.uuid(text) : nil
    }
}

/// To the microsecond, which `Date` holds exactly until the year 2200. A `timestamp` without zone is read as UTC.
extension Date: PostgresDecodable {
    public static func decode(_ text: UnsafeBufferPointer<UInt8>, type: PostgresType) -> Date? {
        type == .timestamptz || type == .timestamp ? TimestampText.date(text) : nil
    }
}
