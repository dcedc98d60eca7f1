/// The type of a column, by its object id in `pg_type`; ids from 16384 up are types a database defined itself.
public struct PostgresType: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let bool = PostgresType(rawValue: 16)
    public static let bytea = PostgresType(rawValue: 17)
    public static let int8 = PostgresType(rawValue: 20)
    public static let int2 = PostgresType(rawValue: 21)
    public static let int4 = PostgresType(rawValue: 23)
    public static let text = PostgresType(rawValue: 25)
    public static let oid = PostgresType(rawValue: 26)
    public static let float4 = PostgresType(rawValue: 700)
    public static let float8 = PostgresType(rawValue: 701)
    public static let timestamp = PostgresType(rawValue: 1114)
    public static let timestamptz = PostgresType(rawValue: 1184)
    public static let uuid = PostgresType(rawValue: 2950)

    /// Defined in the database (an enum, a domain's base aside), so read by its text.
    var isUserDefined: Bool { rawValue >= 16384 }

    /// What an array type is an array of; nil when this is not an array.
    var element: PostgresType? {
        if let element = Self.elements[rawValue] { return PostgresType(rawValue: element) }
        // An array of a user's type has a user's id too, and nothing tells its element: the text form does.
        return isUserDefined ? self : nil
    }

    public var description: String {
        if isUserDefined { return "a type of this database (oid \(rawValue))" }
        return Self.names[rawValue] ?? element.map { "\($0)[]" } ?? "type \(rawValue)"
    }

    private static let elements: [UInt32: UInt32] = [
        199: 114, 1000: 16, 1001: 17, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043,
        1016: 20, 1021: 700, 1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184, 1187: 1186,
        1231: 1700, 2951: 2950, 3807: 3802,
    ]

    private static let names: [UInt32: String] = [
        16: "bool", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer", 25: "text",
        26: "oid", 114: "json", 700: "real", 701: "double precision", 1042: "char", 1043: "varchar", 1082: "date",
        1083: "time", 1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1700: "numeric", 2278: "void",
        2950: "uuid", 3802: "jsonb",
    ]
}
