/// A number by which Postgres knows a row and a person can type it. The phantom type keeps a user's number from being
/// taken for a job's.
package struct Identifier<Owner>: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    package var description: String { String(rawValue) }
}

/// Whoever does a stage's outside work: `openai`, `youtube`, or one of the offline ones.
package struct ProviderName: Sendable, Hashable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) { self.rawValue = rawValue }
    package init(stringLiteral value: String) { rawValue = value }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package var description: String { rawValue }

    /// Our own machines: what CPU, memory and disk a stage used.
    package static let own: ProviderName = "own"
}
