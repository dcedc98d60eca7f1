import Production

/// A request that the ledger can't meet, in words for the person who made it.
package struct LedgerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable { case notFound, alreadyThere, invalid, refused }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    package var description: String { message }
}

/// `There is no user anan. Did you mean anna? `ytempire user list` shows them all.`
package func noSuch(_ what: String, _ name: String, among known: [String], seeing command: String) -> String {
    let near = name.nearest(among: known).map { " Did you mean \($0)?" } ?? ""
    return "There is no \(what) \(name).\(near) `\(command)` shows them all."
}
