/// The trace that a delivery belongs to, as in W3C Trace Context: 24 bytes of a delivery's 34.
public struct TraceContext: Sendable, Hashable, CustomStringConvertible {
    public let traceHigh: UInt64
    public let traceLow: UInt64
    public let span: UInt64

    /// Answers nil when the trace or the span is zero, which the standard calls invalid.
    public init?(traceHigh: UInt64, traceLow: UInt64, span: UInt64) {
        guard traceHigh != 0 || traceLow != 0, span != 0 else { return nil }
        (self.traceHigh, self.traceLow, self.span) = (traceHigh, traceLow, span)
    }

    /// Reads a `traceparent` of version 00 (https://www.w3.org/TR/trace-context/); nil when it is malformed.
    public init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].utf8.count == 32, parts[2].utf8.count == 16,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }),
            let high = UInt64(parts[1].prefix(16), radix: 16), let low = UInt64(parts[1].suffix(16), radix: 16),
            let span = UInt64(parts[2], radix: 16)
        else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span)
    }

    /// The trace's 32 hexadecimal digits.
    public var traceID: String { Self.hex(traceHigh) + Self.hex(traceLow) }
    /// The span's 16 hexadecimal digits.
    public var spanID: String { Self.hex(span) }
    /// `00-…-…-01`: the trace is sampled, as everything is that a delivery carries.
    public var description: String { "00-\(traceID)-\(spanID)-01" }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
