/// A request that the ledger can't meet, in words for the person who made it.
package struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable { case notFound, alreadyThere, invalid, refused }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }
}
