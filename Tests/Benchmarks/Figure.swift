import Foundation

/// What was measured, beside its reference from the same run.
struct Figure: Sendable {
    let name: String
    let ours: Double
    /// The floor, or the aim where there is no floor.
    let reference: Double

    /// `bench NAME OURS REFERENCE RATIO`, plain numbers.
    var line: String {
        "bench \(name) \(Self.plain(ours)) \(Self.plain(reference)) \(Self.plain(reference == 0 ? 0 : ours / reference))"
    }

    private static func plain(_ number: Double) -> String {
        switch abs(number) {
        case 1_000...: String(format: "%.0f", number)
        case 10...: String(format: "%.1f", number)
        default: String(format: "%.3f", number)
        }
    }
}
