/// A creator, for whom one video a day is made.
package struct User: Sendable, Equatable, Identifiable {
    package typealias ID = Identifier<User>

    package let id: ID
    /// Unique in the fleet; what a person types.
    package let name: String
    /// IANA name of the zone whose calendar days are the user's production days; nil means the fleet's zone.
    package let timeZone: String?

    package init(id: ID, name: String, timeZone: String?) {
        (self.id, self.name, self.timeZone) = (id, name, timeZone)
    }
}
