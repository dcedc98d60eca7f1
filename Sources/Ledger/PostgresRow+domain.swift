import Postgres
import Production

extension PostgresRow {
    /// A column whose text is one of an enumeration's raw values.
    func value<Value: RawRepresentable<String>>(_ column: String, as: Value.Type = Value.self) throws -> Value {
        let text: String = try get(column)
        guard let value = Value(rawValue: text) else {
            throw LedgerError(
                .invalid,
                "Column \(column) holds \(text), which this version does not know. Is the database newer than this program?"
            )
        }
        return value
    }

    func timeOfDay(_ column: String) throws -> TimeOfDay {
        let text: String = try get(column)
        guard let time = TimeOfDay(text) else {
            throw LedgerError(.invalid, "Column \(column) holds \(text), which is not a time of day.")
        }
        return time
    }

    func identifier<Owner>(_ column: String, of: Owner.Type = Owner.self) throws -> Identifier<Owner> {
        Identifier(try get(column, as: Int64.self))
    }

    func dollars(_ column: String) throws -> MicroDollars { MicroDollars(try get(column, as: Int64.self)) }
}

extension [PostgresRow] {
    /// The one row of a statement that always answers one.
    func only(_ what: String) throws -> PostgresRow {
        guard count == 1, let row = first else {
            throw LedgerError(.notFound, "There is no \(what), or more than one.")
        }
        return row
    }
}
