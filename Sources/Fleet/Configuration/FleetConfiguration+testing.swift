package import Failpoints
package import Logging
package import Production
import Telemetry

extension FleetConfiguration {
    /// What only a test may ask for. Refused, key by key, unless `testing.enabled` says that this is one; announced in
    /// the log of whatever starts with it.
    package struct Testing: Sendable {
        /// Whether workers rehearse their stage instead of doing it.
        package enum Rehearsal: String, Sendable, CaseIterable {
            case off
            /// Small real artifacts in the real store, and the real publication.
            case full
            /// Nothing but the attempt: no artifact, no publication. What a fleet costs by itself.
            case bare
        }

        package var rehearsal = Rehearsal.off
        /// The stages that are rehearsed; the others are done.
        package var stages = Set(Stage.allCases)
        /// A rehearsed video is filled up to so many bytes.
        package var videoBytes = 0
        /// How long a rehearsed stage takes.
        package var duration: Duration = .zero
        /// `HOST:PORT` of a provider that is called, and paid, once in each rehearsed stage.
        package var paidCall: String?
        package var failpoints: [FailpointRule] = []
        /// Of what goes by chance.
        package var seed: UInt64 = 0

        package init() {}

        /// What is not as in production, in words; nil if nothing is.
        package var announcement: String? {
            var parts: [String] = []
            if rehearsal != .off {
                let names = Stage.allCases.filter(stages.contains).map(\.rawValue).joined(separator: ", ")
                parts.append("\(names): rehearsed (\(rehearsal.rawValue)), not done")
            }
            if !failpoints.isEmpty { parts.append("\(failpoints.count) failpoints are armed") }
            return parts.isEmpty ? nil : parts.joined(separator: "; ")
        }
    }
}

extension FleetConfiguration.Testing {
    init(_ read: ConfigurationCollector) {
        let isEnabled = read.flag("testing.enabled", default: false)
        rehearsal = read.choice("testing.rehearsal", default: .off)
        stages = read.read(
            "testing.stages", default: stages,
            expected: "it should be stages: \(Stage.allCases.map(\.rawValue).joined(separator: ", "))"
        ) { text in
            let words = text.split { ", ".contains($0) }.map { Stage(rawValue: String($0)) }
            return words.contains(nil) ? nil : Set(words.compactMap(\.self))
        }
        videoBytes = read.integer("testing.video-bytes", default: 0, in: 0...(1 << 30))
        duration = read.duration("testing.duration", default: .zero, in: .zero...(.seconds(3_600)))
        paidCall = read.optionalString("testing.paid-call")
        failpoints = read.read("testing.failpoints", default: [], expected: FailpointRule.grammar) {
            FailpointRule.list($0)
        }
        seed = UInt64(read.integer("testing.seed", default: 0, in: 0...Int.max))
        guard !isEnabled else { return }
        for key in ["rehearsal", "stages", "video-bytes", "duration", "paid-call", "failpoints", "seed"]
        where read.stands("testing.\(key)") {
            read.report(
                "testing.\(key)", expected: "only a test may set it, and this is none: testing.enabled is not true")
        }
    }
}

extension Failpoints {
    /// Those of a configuration, announced in the log where they strike.
    package init(_ testing: FleetConfiguration.Testing, logger: Logger) {
        self.init(testing.failpoints, seed: testing.seed) { fault in
            logger.warning("failpoint", metadata: [LogKey.reason: "\(fault)"])
        }
    }
}
