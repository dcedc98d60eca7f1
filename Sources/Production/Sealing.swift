/// Where an encrypted value stands. It opens there and nowhere else: copied into another row it is worthless.
package struct SealedPlace: Sendable, Hashable, CustomStringConvertible {
    package let table: String
    package let column: String
    package let row: Int64

    package init(table: String, column: String, row: Int64) {
        (self.table, self.column, self.row) = (table, column, row)
    }

    package var description: String { "\(table).\(column) of row \(row)" }
}

/// Encrypts what must not be readable in Postgres, its backups and its replicas. The ledger keeps the result and never the
/// keys: only the upload worker and a person at the command line have those.
package protocol Sealing: Sendable {
    func seal(_ secret: Secret, for place: SealedPlace) throws -> [UInt8]

    /// - Throws: where it was sealed by a key that is not here, for another place, or was changed since.
    func open(_ sealed: [UInt8], at place: SealedPlace) throws -> Secret

    /// The same value under the key that encrypts now; nil if it is so already.
    func resealed(_ sealed: [UInt8], at place: SealedPlace) throws -> [UInt8]?
}
