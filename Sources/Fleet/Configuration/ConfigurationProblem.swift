/// One thing that is wrong with the configuration: the key, where the value came from, what was found, what would be
/// right. A secret's value is never told.
package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    package let key: String
    /// "/etc/ytempire/ytempire.yaml", "YTEMPIRE_DATABASE_URL"; nil if nothing was found.
    package let source: String?
    package let found: String?
    package let expected: String

    package init(key: String, source: String?, found: String?, expected: String) {
        (self.key, self.source, self.found, self.expected) = (key, source, found, expected)
    }

    package var description: String {
        switch (source, found) {
        case (let source?, let found?): "\(key): found \"\(found)\" in \(source); \(expected)"
        case (let source?, nil): "\(key) in \(source): \(expected)"
        default: "\(key): \(expected)"
        }
    }
}

/// All that is wrong with the configuration, at once. Programs end with exit code 78 (`EX_CONFIG` of sysexits.h).
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    package static let exitCode: Int32 = 78

    package var description: String {
        let count = problems.count
        return "The configuration has \(count == 1 ? "a problem" : "\(count) problems"):\n"
            + problems.map { "  - \($0)" }.joined(separator: "\n")
    }
}
