/// An error that a test asked for, and nothing else is wrong.
package struct InjectedFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        case transient
        case permanent
        case limited(for: Duration)
    }

    package let kind: Kind
    package let point: Failpoint

    package init(_ kind: Kind, at point: Failpoint) { (self.kind, self.point) = (kind, point) }

    package var description: String { "an error that the test configuration asks for at \(point.rawValue)" }
}
