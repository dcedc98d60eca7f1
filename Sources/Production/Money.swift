/// An amount of money: Int64 micro-dollars, so that sums are exact.
package struct MicroDollars: Sendable, Hashable, Comparable, Codable, AdditiveArithmetic, ExpressibleByIntegerLiteral {
    package let rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package init(integerLiteral value: Int64) { rawValue = value }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    package static func + (a: Self, b: Self) -> Self { Self(a.rawValue + b.rawValue) }
    package static func - (a: Self, b: Self) -> Self { Self(a.rawValue - b.rawValue) }
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    package static let zero = Self(0)

    /// Reads dollars as people write them: `3`, `3.00`, `0.0125`. Nil for anything else, for more than six decimals, and
    /// for what does not fit.
    package init?(dollars text: String) {
        let negative = text.hasPrefix("-")
        let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].isEmpty, parts.allSatisfy({ $0.allSatisfy(\.isASCIIDigit) }),
            parts.count == 1 || (1...6).contains(parts[1].count)
        else { return nil }
        let decimals = parts.count == 2 ? parts[1] : ""
        let zeros = String(repeating: "0", count: 6 - decimals.count)
        guard let micros = Int64("\(negative ? "-" : "")\(parts[0])\(decimals)\(zeros)") else { return nil }
        rawValue = micros
    }
}

extension MicroDollars: CustomStringConvertible {
    /// Dollars with as many decimals as it takes, at least two and at most six: `3.00`, `0.000125`.
    package var description: String {
        let magnitude = rawValue.magnitude
        var decimals = String(magnitude % 1_000_000)
        decimals = String(repeating: "0", count: 6 - decimals.count) + decimals
        while decimals.count > 2, decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(rawValue < 0 ? "-" : "")\(magnitude / 1_000_000).\(decimals)"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

/// What something costs: micro-dollars for a stated number of units.
package struct Price: Sendable, Hashable, Codable {
    package let micros: Int64
    /// The number of units the price is for; never below 1. Prices of models are per 1,000,000 tokens, of our own
    /// computers per hour in milliseconds.
    package let units: Int64

    package init?(micros: Int64, perUnits units: Int64) {
        guard micros >= 0, units >= 1 else { return nil }
        (self.micros, self.units) = (micros, units)
    }

    /// The amount for a quantity of units, rounded up once: a row never says less than it cost.
    ///
    /// Nil if the amount does not fit into 64 bits, or the quantity is negative.
    package func amount(for quantity: Int64) -> MicroDollars? {
        guard quantity >= 0 else { return nil }
        let product = quantity.multipliedFullWidth(by: micros)
        guard product.high < units else { return nil }
        // Unsigned: the quotient may need the 64th bit, and a signed division would trap.
        let (quotient, remainder) = UInt64(units).dividingFullWidth((UInt64(product.high), product.low))
        let (amount, overflow) = quotient.addingReportingOverflow(remainder > 0 ? 1 : 0)
        return overflow ? nil : Int64(exactly: amount).map { MicroDollars($0) }
    }
}
