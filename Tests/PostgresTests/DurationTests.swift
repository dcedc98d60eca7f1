import Testing

@testable import Postgres

@Suite struct `A duration for libpq` {
    @Test(arguments: [
        (Duration.zero, Int32(0)), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1_001), 2),
        (.seconds(-1), 0), (.nanoseconds(-1), 0), (.seconds(86_400), 86_400_000), (.seconds(9_999_999), 2_000_000_000),
    ])
    func `is whole milliseconds, rounded up as everywhere, within a C int`(duration: Duration, milliseconds: Int32) {
        #expect(duration.milliseconds == milliseconds)
    }
}
