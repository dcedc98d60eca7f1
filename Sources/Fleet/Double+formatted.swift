extension Double {
    /// With a fixed number of decimals and a dot, whatever the locale: for notes, tables and JSON.
    package func formatted(decimals: Int) -> String {
        guard isFinite, magnitude < 1e15 else { return "\(self)" }
        var scale: Int64 = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int64((self * Double(scale)).rounded())
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return "\(scaled)" }
        let fraction = String(scaled.magnitude % UInt64(scale))
        return "\(sign)\(scaled.magnitude / UInt64(scale))."
            + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
