import ArgumentParser
import ArtifactStores
import Fleet
import Foundation
import Ledger
import Production
import S3Artifacts

struct BucketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bucket", abstract: "The S3 bucket that artifacts lie in, if one is configured.",
        subcommands: [Show.self, ExpireUploads.self])

    struct Show: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether it can be listed, written, read and deleted in, and what lies there.",
            discussion: "Writes a small object and deletes it. Exit code 1 if anything has failed.")

        @OptionGroup var options: CommandOptions

        struct Shown: Encodable {
            var findings: [Finding]
            /// Nil where it can't be reached.
            var artifacts: Int?
            var bytes: Int64?
            var copies: Int?
            var copiedBytes: Int64?
        }

        func run(with services: FleetServices) async throws {
            let store = try bucket(of: services)
            let findings = try await store.examine().map(Finding.init)
            var shown = Shown(findings: findings)
            let failed = findings.contains { $0.outcome == .failed }
            if !failed {
                let usage = try await store.usage()
                (shown.artifacts, shown.bytes) = (usage.artifacts, usage.bytes)
                (shown.copies, shown.copiedBytes) = (usage.cachedFiles, usage.cachedBytes)
            }
            try show(shown) { shown in
                var lines = shown.findings.flatMap { finding in
                    wrapped(finding.found, indent: 2, first: "") + (finding.remedy.map { ["  → \($0)"] } ?? [])
                }
                if let artifacts = shown.artifacts, let bytes = shown.bytes {
                    lines.append("\(artifacts) artifacts, \(Phrases.bytes(bytes))")
                }
                if let copies = shown.copies, let bytes = shown.copiedBytes {
                    lines.append("\(copies) copies on this host, \(Phrases.bytes(bytes))")
                }
                return lines.map { $0 + "\n" }.joined()
            }
            if failed { throw ExitCode.failure }
        }
    }

    struct ExpireUploads: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have the server itself end uploads that nobody goes on with: their parts cost money unseen.",
            discussion: """
                Writes one lifecycle rule for the fleet's prefix; all other rules of the bucket stay. The coordinator ends \
                stale uploads too, but not after the fleet is gone.

                Example:
                  ytempire bucket expire-uploads --after 3
                """)

        @Option(help: ArgumentHelp("Days from an upload's beginning on, 1 to 365.", valueName: "days")) var after = 7
        @OptionGroup var options: CommandOptions

        func validate() throws {
            guard (1...365).contains(after) else { throw ValidationError("--after is 1 to 365 days.") }
        }

        struct Shown: Encodable {
            var days: Int
            var changed: Bool
        }

        func run(with services: FleetServices) async throws {
            let store = try bucket(of: services)
            let changed: Bool
            do {
                changed = try await store.expireStaleUploads(afterDays: after)
            } catch let failure as StageFailure {
                complain("\(failure.asked): \(failure.answer)", then: "`ytempire bucket show` looks at the bucket.")
                throw ExitCode.failure
            }
            if changed {
                let days = "after \(after) \(after == 1 ? "day" : "days")"
                try await services.ledger.keep(Operator.current().note("bucket expire-uploads", days, reason: ""))
            }
            try show(Shown(days: after, changed: changed)) {
                let days = $0.days == 1 ? "a day" : "\($0.days) days"
                return $0.changed ? "Uploads end after \(days) from now on.\n" : "They end after \(days) already.\n"
            }
        }
    }
}

extension FleetCommand {
    /// - Throws: the exit code, with what is missing told, where artifacts lie in a folder.
    fileprivate func bucket(of services: FleetServices) throws -> S3Artifacts {
        do {
            if let store = try services.configuration.openBucket() { return store }
            complain(
                "No bucket is configured: artifacts lie in \(services.configuration.artifacts).",
                then: "artifacts.s3.bucket and its keys in the configuration say otherwise.")
        } catch let error where !(error is ExitCode) {
            complain("\(error)")
        }
        throw ExitCode.failure
    }
}
