import Production

/// Who reads the configuration. systemd hands each its own keys and nobody another's, so a key that one lacks may well be there
/// for the program that works with it.
package enum FleetProgram: Sendable, Hashable {
    case worker(Stage)
    case coordinator
    /// A person's command, or what scrapes metrics.
    case command

    /// Those that work with artifacts whatever they are asked for.
    static let withArtifacts: Set<FleetProgram> = Set(Stage.allCases.map { .worker($0) } + [.coordinator])
}
