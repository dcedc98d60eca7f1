/// One video for one user.
package enum Job {
    package typealias ID = Identifier<Job>

    package enum Kind: String, Sendable, Codable {
        /// The one of the production day: unique per user and day.
        case daily
        /// Asked for by a person.
        case extra
    }

    package enum Priority: String, Sendable, Codable, CaseIterable {
        /// A person waits for it.
        case interactive
        case daily
    }
}
