import Postgres
import Production

/// What the ledger and a provider say of the same calls.
struct Books {
    let provider: ProviderName
    let bill: FleetPeers.Bill
    /// Calls that the ledger has paid for, those in doubt among them.
    var calls = 0
    var amount: MicroDollars = 0
    /// Calls in doubt.
    var doubts = 0
    var doubted: MicroDollars = 0

    /// Provider's own count ≤ ledger ≤ provider's own count + rows in doubt, in calls and in micro-dollars.
    var complaints: [String] {
        var complaints: [String] = []
        if !(bill.calls <= calls && calls <= bill.calls + doubts) {
            complaints.append("\(provider) counts \(bill.calls) calls, the ledger \(calls), \(doubts) of them in doubt")
        }
        if !(bill.amount <= amount && amount <= bill.amount + doubted) {
            complaints.append("\(provider) bills \(bill.amount), the ledger has \(amount), \(doubted) of it in doubt")
        }
        return complaints
    }
}

extension Books: CustomStringConvertible {
    var description: String {
        "\(provider): \(bill.calls) calls for \(bill.amount) USD by its own count; the ledger has \(calls) for \(amount), "
            + "\(doubts) of them for \(doubted) in doubt"
    }
}

extension FaultFleet {
    /// The books of every provider that is paid; none in a fleet that rehearses everything.
    func books() async throws -> [Books] {
        guard let peers else { return [] }
        var all: [Books] = []
        for provider in FleetPeers.paid {
            var books = Books(provider: provider, bill: peers.bill(of: provider))
            let rows = try await database.query(
                """
                SELECT count(DISTINCT reservation_id) AS calls, COALESCE(sum(amount), 0)::bigint AS amount,
                       count(DISTINCT reservation_id) FILTER (WHERE in_doubt) AS doubts,
                       COALESCE(sum(amount) FILTER (WHERE in_doubt), 0)::bigint AS doubted
                FROM cost_rows WHERE provider = \(provider.rawValue) AND reservation_id IS NOT NULL
                """)
            guard let row = rows.first else { throw DrillFailure("no row") }
            (books.calls, books.doubts) = (try row.get("calls"), try row.get("doubts"))
            books.amount = MicroDollars(try row.get("amount", as: Int64.self))
            books.doubted = MicroDollars(try row.get("doubted", as: Int64.self))
            all.append(books)
        }
        return all
    }

    /// Has the time limits of calls be over that nobody makes any more, since their attempts have ended.
    func passDeadlines() async throws {
        try await database.execute(
            """
            UPDATE reservations r SET deadline = now() - interval '1 second' FROM attempts a
            WHERE a.id = r.attempt_id AND r.state = 'open' AND a.state <> 'running' AND NOT r.unsent
            """)
    }
}
