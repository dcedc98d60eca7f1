import ArgumentParser
import Fleet
import Ledger

/// A day as a person says it. `today` and `yesterday` are those of the fleet's calendar.
enum DayChoice {
    case date(ProductionDay)
    case today, yesterday

    static let shape = "YYYY-MM-DD"

    static func read(_ text: String) throws -> DayChoice {
        switch text.lowercased() {
        case "today": return .today
        case "yesterday": return .yesterday
        default: break
        }
        guard let day = ProductionDay(argument: text) else {
            // As most of the world writes it; the other way round nobody can tell day from month.
            let parts = text.split(whereSeparator: { ".-/".contains($0) }).map(String.init)
            let turned = parts.count == 3 && parts[0].count == 4 ? parts : parts.reversed()
            let padded = turned.map { $0.count == 1 ? "0\($0)" : $0 }.joined(separator: "-")
            if parts.count == 3, ProductionDay(argument: padded) != nil { throw ValidationError("write \(padded)") }
            throw ValidationError("there is no such day; write it like 2026-11-21, or today, or yesterday")
        }
        return .date(day)
    }

    /// As it was typed, for the audit.
    var typed: String {
        switch self {
        case .date(let day): day.text
        case .today: "today"
        case .yesterday: "yesterday"
        }
    }

    /// `YYYY-MM-DD`
    func text(by ledger: Ledger) async throws -> String {
        switch self {
        case .date(let day): day.text
        case .today: try await ledger.moneyDay()
        case .yesterday: try await ledger.moneyDay(ago: 1)
        }
    }
}

/// Which money days are meant.
struct Period: ParsableArguments {
    @Option(
        help: ArgumentHelp("From this day on; also today, yesterday.", valueName: DayChoice.shape),
        transform: DayChoice.read)
    var since: DayChoice?
    @Option(help: ArgumentHelp("Until the end of this day.", valueName: DayChoice.shape), transform: DayChoice.read)
    var until: DayChoice?
    @Option(help: ArgumentHelp("One month.", valueName: "YYYY-MM"), transform: Month.init)
    var month: Month?

    func validate() throws {
        guard month == nil || since == nil && until == nil else {
            throw ValidationError("Give either --month, or --since and --until.")
        }
    }

    struct Month {
        let first: String
        let last: String

        init(_ text: String) throws {
            let days = (28...31).compactMap { ProductionDay(argument: "\(text)-\($0)")?.text }
            guard let last = days.last else { throw ValidationError("there is no such month; write it like 2026-11") }
            (first, self.last) = ("\(text)-01", last)
        }
    }

    /// The days, and how they are told: `from 2026-11-01 to 2026-11-30`.
    func days(by ledger: Ledger) async throws -> Days {
        if let month { return Days(first: month.first, last: month.last) }
        let first: String? = if let since { try await since.text(by: ledger) } else { nil }
        let last: String? = if let until { try await until.text(by: ledger) } else { nil }
        return Days(first: first, last: last)
    }

    struct Days: Encodable {
        var first: String?
        var last: String?

        /// - Parameter earliest: the first day of which there is anything.
        func told(earliest: String?) -> String {
            switch (first, last) {
            case (let first?, let last?): first == last ? "on \(first)" : "from \(first) to \(last)"
            case (let first?, nil): "since \(first)"
            case (nil, let last?): "until \(last)"
            case (nil, nil): earliest.map { "in all, since \($0)" } ?? "in all"
            }
        }
    }
}
