/// A ceiling on spending and what stands against it, as a pure value. In Postgres it is a row; `counters` in the
/// migrations makes the same moves, each in one guarded statement, and a test holds the two against each other.
///
/// Reserving asks the ceiling. Settling and changing the ceiling never do: what is spent is spent, and what goes beyond
/// stands as `overrun`, with an event.
package struct Counter: Sendable, Equatable {
    package private(set) var ceiling: MicroDollars
    /// Reserved for calls whose price is not known yet, at their upper bounds.
    package private(set) var held: MicroDollars
    package private(set) var spent: MicroDollars

    /// How far `held + spent` lies above the ceiling.
    package var overrun: MicroDollars { max(0, held + spent - ceiling) }

    /// What could still be reserved.
    package var left: MicroDollars { max(0, ceiling - held - spent) }

    package init(ceiling: MicroDollars) { (self.ceiling, held, spent) = (ceiling, 0, 0) }

    /// False, and nothing changed, if the amount does not fit below the ceiling.
    package mutating func reserve(_ amount: MicroDollars) -> Bool {
        guard amount >= .zero, amount <= ceiling - held - spent else { return false }
        held += amount
        return true
    }

    /// Ends a reservation at what the call really cost.
    package mutating func settle(reserved: MicroDollars, actual: MicroDollars) {
        held -= reserved
        spent += actual
    }

    /// Records spending that was never reserved: our own compute.
    package mutating func record(_ amount: MicroDollars) { spent += amount }

    package mutating func changeCeiling(to ceiling: MicroDollars) { self.ceiling = ceiling }
}
