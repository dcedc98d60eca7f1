import Foundation
import Testing

@testable import Telemetry

@Suite struct `A line's clock` {
    @Test func `says what Foundation says, before 1970, in leap years and at the ends of centuries`() {
        let clock = LineClock()
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let edges: [Double] = [
            0, 0.75, -0.25, -1, 68_169_599, 68_169_600, 951_782_399.5, 951_782_400, 951_868_800, 4_107_542_399,
            4_107_542_400, -2_203_891_200, 1_763_718_645.25, 253_402_300_799,
        ]
        // Quarters of a second are exact, so that no rounding differs.
        let days = (0..<3_000).map { Double($0) * 86_400 * 13.25 - 1e9 }
        for seconds in edges + days {
            let moment = Date(timeIntervalSince1970: seconds)
            #expect(clock.text(of: moment) == moment.formatted(style))
        }
    }

    @Test func `cuts fractions of a millisecond off`() {
        let clock = LineClock()
        #expect(clock.text(of: Date(timeIntervalSince1970: 1.0625)) == "1970-01-01T00:00:01.062Z")
        #expect(clock.text(of: Date(timeIntervalSince1970: -0.0625)) == "1969-12-31T23:59:59.937Z")
    }
}
