import FoundationEssentials
import Production
import Testing

@Suite struct `Dollars` {
    @Test(
        arguments: [
            ("3", 3_000_000, "3.00"), ("3.00", 3_000_000, "3.00"), ("0.0125", 12_500, "0.0125"),
            ("0.000001", 1, "0.000001"), ("-0.5", -500_000, "-0.50"), ("-0", 0, "0.00"), ("007.10", 7_100_000, "7.10"),
            ("9223372036854.775807", Int64.max, "9223372036854.775807"),
            ("-9223372036854.775808", Int64.min, "-9223372036854.775808"),
        ] as [(String, Int64, String)])
    func `are read and printed exactly`(text: String, micros: Int64, printed: String) {
        #expect(MicroDollars(dollars: text) == MicroDollars(micros))
        #expect(MicroDollars(micros).description == printed)
    }

    @Test(arguments: [
        "", "-", ".", "3.", ".5", "3.1234567", "1e3", "+3", "--3", "3,00", " 3", "3 ", "$3", "0x1F", "1_000", "٣", "３",
        "1.2.3", "1.-5", "9223372036854.775808", "-9223372036854.775809", "99999999999999999999", "NaN", "1.\u{301}",
    ])
    func `are refused when they are anything else`(text: String) {
        #expect(MicroDollars(dollars: text) == nil)
    }

    @Test func `survive printing and reading back`() {
        var dice = Dice(seed: 1)
        for _ in 0..<2_000 {
            let amount = MicroDollars(
                Int64.random(in: .min ... .max, using: &dice) >> Int64.random(in: 0..<63, using: &dice))
            #expect(MicroDollars(dollars: amount.description) == amount)
        }
    }

    @Test func `stand in JSON as the whole number of micro-dollars`() throws {
        #expect(try JSONEncoder().encode([MicroDollars(3), 4]) == Data("[3,4]".utf8))
        #expect(try JSONDecoder().decode([MicroDollars].self, from: Data("[-3]".utf8)) == [-3])
    }
}

@Suite struct `A price` {
    @Test(
        arguments: [
            (2_500_000, 1_000_000, 0, 0), (2_500_000, 1_000_000, 1, 3), (2_500_000, 1_000_000, 2, 5),
            (1, 1_000_000, 1, 1), (1, 1_000_000, 1_000_000, 1), (1, 1_000_000, 1_000_001, 2), (0, 1, .max, 0),
            (.max, .max, .max, .max), (1, 1, .max, .max), (.max, .max, 1, 1),
        ] as [(Int64, Int64, Int64, Int64)])
    func `rounds an amount up, once`(micros: Int64, units: Int64, quantity: Int64, amount: Int64) {
        #expect(Price(micros: micros, perUnits: units)?.amount(for: quantity) == MicroDollars(amount))
    }

    @Test(
        arguments: [(2, 1, .max), (.max, 1, .max), (.max, 2, 3), (.max, 1, 2), (4, 2, .max)] as [(Int64, Int64, Int64)])
    func `has no amount that does not fit`(micros: Int64, units: Int64, quantity: Int64) throws {
        let price = try #require(Price(micros: micros, perUnits: units))
        #expect(price.amount(for: quantity) == nil)
    }

    @Test func `has no amount for less than nothing, and is never negative or per nothing`() {
        #expect(Price(micros: 5, perUnits: 1)?.amount(for: -1) == nil)
        #expect(Price(micros: -1, perUnits: 1) == nil)
        #expect(Price(micros: 1, perUnits: 0) == nil)
        #expect(Price(micros: 1, perUnits: -1) == nil)
    }

    @Test func `never tells less than it costs, nor a whole micro-dollar more`() throws {
        var dice = Dice(seed: 2)
        for _ in 0..<2_000 {
            let (micros, units) = (
                Int64.random(in: 0...(1 << 30), using: &dice), Int64.random(in: 1...(1 << 30), using: &dice)
            )
            let quantity = Int64.random(in: 0...(1 << 30), using: &dice)
            let amount = try #require(Price(micros: micros, perUnits: units)?.amount(for: quantity)).rawValue
            let exact = micros * quantity
            #expect(amount * units >= exact)
            #expect((amount - 1) * units < exact)
        }
    }
}

@Suite struct `A ceiling's counter` {
    @Test func `admits up to the ceiling and not a micro-dollar more`() {
        var counter = Counter(ceiling: 10)
        let amounts: [MicroDollars] = [11, -1, 4, 7, 6, 0, 1]
        #expect(amounts.map { counter.reserve($0) } == [false, false, true, false, true, true, false])
        #expect((counter.held, counter.left, counter.overrun) == (10, 0, 0))
    }

    @Test func `refuses an amount that no sum can hold`() {
        var counter = Counter(ceiling: 10)
        counter.record(5)
        let admitted = counter.reserve(MicroDollars(.max))
        #expect(!admitted && counter.held == 0)
    }

    @Test func `takes whatever was really spent, and says how far it went beyond`() {
        var counter = Counter(ceiling: 10)
        let admitted = counter.reserve(8)
        #expect(admitted)
        counter.settle(reserved: 8, actual: 13)
        #expect((counter.held, counter.spent, counter.overrun, counter.left) == (0, 13, 3, 0))
        counter.changeCeiling(to: 20)
        #expect((counter.overrun, counter.left) == (0, 7))
        counter.changeCeiling(to: 5)
        #expect((counter.overrun, counter.left) == (8, 0))
    }

    @Test(arguments: 0..<20) func `never holds more than the ceiling by reserving alone`(seed: UInt64) {
        var dice = Dice(seed: seed)
        var counter = Counter(ceiling: 1_000)
        var open: [MicroDollars] = []
        for _ in 0..<500 {
            let before = counter
            let amount = MicroDollars(Int64.random(in: 0...300, using: &dice))
            switch Int.random(in: 0..<5, using: &dice) {
            case 0, 1:
                if counter.reserve(amount) {
                    open.append(amount)
                    #expect(counter.held + counter.spent <= counter.ceiling)
                } else {
                    #expect(counter == before)
                    #expect(before.held + before.spent + amount > before.ceiling)
                }
            case 2:
                if let reserved = open.popLast() { counter.settle(reserved: reserved, actual: amount) }
            case 3: counter.record(amount)
            default: counter.changeCeiling(to: MicroDollars(Int64.random(in: 0...5_000, using: &dice)))
            }
            #expect(counter.held == open.reduce(0, +))
            #expect(counter.held + counter.spent - counter.overrun <= counter.ceiling)
            #expect(counter.left == 0 || counter.overrun == 0)
        }
    }
}

@Suite struct `Our own rates` {
    private let rates = OwnRates(cpuHour: 36_000, wallHour: 3_600, storedGiB: 20_000)

    @Test func `make a row each of CPU, wall time and bytes kept`() {
        var made: [UUID] = []
        let rows = rates.entries(for: OwnUsage(cpu: .seconds(90), wall: .milliseconds(60_001), bytesKept: 1 << 29)) {
            made.append(UUID())
            return made[made.count - 1]
        }
        #expect(rows.map(\.id) == made)
        #expect(rows.map(\.item) == ["cpu", "wall", "storage"])
        #expect(rows.map(\.unit) == ["ms", "ms", "bytes"])
        #expect(rows.map(\.quantity) == [90_000, 60_001, 1 << 29])
        #expect(rows.map(\.amount) == [900, 61, 10_000])
        #expect(rows.allSatisfy { $0.provider == .own && $0.price.amount(for: $0.quantity) == $0.amount })
    }

    @Test func `tell nothing of what was not used`() {
        let rows = rates.entries(for: OwnUsage(cpu: .zero, wall: .milliseconds(1), bytesKept: 0), ids: UUID.init)
        #expect(rows.map(\.item) == ["wall"])
    }

    @Test func `leave out what no row can hold`() {
        let rows = rates.entries(for: OwnUsage(cpu: .seconds(-1), wall: .seconds(1), bytesKept: .max), ids: UUID.init)
        #expect(rows.map(\.item) == ["wall", "storage"])
        #expect(CostEntry(id: UUID(), provider: .own, item: "x", quantity: -1, unit: "ms", price: rows[0].price) == nil)
    }

    @Test(
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1), 1), (.microseconds(1_001), 2), (.seconds(3), 3_000),
            (.milliseconds(-1), -1), (.microseconds(-1_500), -1), (.milliseconds(-2_500), -2_500),
        ] as [(Duration, Int64)])
    func `count whole milliseconds, rounded up`(duration: Duration, milliseconds: Int64) {
        #expect(duration.milliseconds == milliseconds)
    }
}
