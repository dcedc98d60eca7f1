import Fleet
import Testing

@Suite struct `A production day` {
    @Test(arguments: ["2026-03-01", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"])
    func `is a day that exists`(_ text: String) {
        #expect(ProductionDay(argument: text)?.text == text)
    }

    @Test(arguments: [
        "", "today", "2026-3-1", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00",
        "2026-01-01T00:00", "+026-01-01", "2026-+1-01", "2026-01--1", "0000-01-01", "٢٠٢٦-01-01",
    ])
    func `is nothing else`(_ text: String) {
        #expect(ProductionDay(argument: text) == nil)
    }
}
