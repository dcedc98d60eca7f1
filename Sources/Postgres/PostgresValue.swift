public import Foundation

/// One parameter of a statement.
///
/// Postgres infers the type of a parameter from where it stands, exactly as it does for a quoted literal: `id = $1`
/// takes `id`'s type. Where the place says nothing (`unnest($1)`, `SELECT $1`), cast it: `unnest($1::bigint[])`.
public enum PostgresValue: Sendable, Hashable {
    case null
    case int64(Int64)
    case double(Double)
    case bool(Bool)
    /// Also for enums, dates ("2026-03-01"), intervals, numerics: anything that has a text form.
    case text(String)
    case bytes([UInt8])
    case uuid(UUID)
    /// A moment, to the microsecond.
    case timestamp(Date)
    /// JSON text, for json and jsonb columns.
    case jsonb(String)
    /// One-dimensional; `.null` elements are allowed.
    case array([PostgresValue])
}

/// A Swift type that can be a parameter.
public protocol PostgresEncodable {
    var postgresValue: PostgresValue { get }
    /// An array of these as one parameter. Only bytes, whose array is not an array in SQL, need their own.
    static func postgresValue(of array: [Self]) -> PostgresValue
}

extension PostgresEncodable {
    public static func postgresValue(of array: [Self]) -> PostgresValue { .array(array.map(\.postgresValue)) }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    public var postgresValue: PostgresValue { rawValue.postgresValue }
}

extension PostgresValue: PostgresEncodable {
    public var postgresValue: PostgresValue { self }
}

extension Int64: PostgresEncodable {
    public var postgresValue: PostgresValue { .int64(self) }
}

extension Int: PostgresEncodable {
    public var postgresValue: PostgresValue { .int64(Int64(self)) }
}

extension Int32: PostgresEncodable {
    public var postgresValue: PostgresValue { .int64(Int64(self)) }
}

extension Int16: PostgresEncodable {
    public var postgresValue: PostgresValue { .int64(Int64(self)) }
}

/// A number by itself; `[UInt8]` is a bytea.
extension UInt8: PostgresEncodable {
    public var postgresValue: PostgresValue { .int64(Int64(self)) }
    public static func postgresValue(of array: [UInt8]) -> PostgresValue { .bytes(array) }
}

extension Double: PostgresEncodable {
    public var postgresValue: PostgresValue { .double(self) }
}

extension Bool: PostgresEncodable {
    public var postgresValue: PostgresValue { .bool(self) }
}

extension String: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(self) }
}

extension Substring: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(String(self)) }
}

extension UUID: PostgresEncodable {
    public var postgresValue: PostgresValue { .uuid(self) }
}

extension Date: PostgresEncodable {
    public var postgresValue: PostgresValue { .timestamp(self) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
    public var postgresValue: PostgresValue { Element.postgresValue(of: self) }
}
