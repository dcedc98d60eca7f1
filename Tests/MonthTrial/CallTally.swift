import Synchronization

/// What providers were asked during a month, and what was answered without asking them.
package final class CallTally: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case script, rewriting, speech, search, download
    }

    /// One kind's numbers.
    package struct Line: Sendable, Equatable {
        /// The provider was asked, and answered.
        package var made = 0
        /// The provider was asked, and did not do it.
        package var failed = 0
        /// Answered by what was kept of this video's own earlier attempt.
        package var again = 0
        /// Answered by what was kept of another's, or of another place in this video.
        package var shared = 0

        package var asked: Int { made + failed }
        package var spared: Int { again + shared }
        package var all: Int { asked + spared }
    }

    private let lines = Mutex<[Kind: Line]>([:])

    package subscript(kind: Kind) -> Line { lines.withLock { $0[kind] ?? Line() } }

    package var total: Line {
        Kind.allCases.map { self[$0] }.reduce(into: Line()) { sum, line in
            sum.made += line.made
            sum.failed += line.failed
            sum.again += line.again
            sum.shared += line.shared
        }
    }

    func count(_ kind: Kind, _ what: any WritableKeyPath<Line, Int> & Sendable) {
        lines.withLock { $0[kind, default: Line()][keyPath: what] += 1 }
    }
}
