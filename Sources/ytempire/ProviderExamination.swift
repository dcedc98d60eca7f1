import ArtifactStores
import Fleet
import Foundation
import Ledger
import Production
import S3Artifacts
import Secrets

/// Looks at who does the fleet's work, as far as this process may read the configuration: under systemd each worker is handed
/// its own keys, and nobody else has them. Nobody is asked anything that costs money.
struct ProviderExamination {
    let services: FleetServices

    private var configuration: FleetConfiguration { services.configuration }

    /// - Parameter ledger: whether Postgres is there, and migrated.
    func findings(ledger: Bool) async -> [Finding] {
        [writing, speaking, pictures] + (await publishing(ledger: ledger)) + (await bucket())
    }

    private var writing: Finding {
        let what = "who writes"
        guard configuration.openAI.isSetUp, !configuration.openAI.models.isEmpty else {
            return Finding(what: what, outcome: .ok, found: "nobody who is paid: scripts are extracts of their sources")
        }
        let models = configuration.openAI.models
        return priced(
            what, "\(configuration.openAI.kind.rawValue): \(models.joined(separator: ", then "))",
            unpriced: configuration.unpricedModels)
    }

    private var speaking: Finding {
        let voices = configuration.voice.order.filter { provider in
            switch provider {
            case "elevenlabs": configuration.elevenLabs.key != nil
            case "openai": configuration.openAI.isSetUp && configuration.openAI.speech.model != nil
            case "command": !configuration.voice.command.isEmpty
            default: true
            }
        }
        let finding = priced(
            "who speaks", voices.map(\.rawValue).joined(separator: ", then "), unpriced: configuration.unpricedVoices)
        guard finding.outcome == .ok, let command = configuration.voice.command.first, voices.contains("command"),
            !Self.canRun(command)
        else { return finding }
        return Finding(
            what: finding.what, outcome: .failed, found: "voice.command: there is no program \(command)",
            remedy: "Install it, or take command out of voice.order.")
    }

    /// Without a price a worker does not start: better said here, before it.
    private func priced(
        _ what: String, _ found: String, unpriced: (PriceList) -> [ConfigurationProblem]
    ) -> Finding {
        let problems: [ConfigurationProblem]
        do {
            problems = unpriced(try PriceFile.load(configuration.priceFile).list)
        } catch {
            // What to do about it is told with the prices.
            return Finding(what: what, outcome: .warning, found: "\(found); their prices can't be read: \(error)")
        }
        guard !problems.isEmpty else { return Finding(what: what, outcome: .ok, found: found) }
        return Finding(
            what: what, outcome: .failed, found: problems.map { "\($0)" }.joined(separator: "; "),
            remedy: "Look the prices up, and write them with the day into /etc/ytempire/prices.yaml.")
    }

    private static func canRun(_ program: String) -> Bool {
        guard !program.contains("/") else { return FileManager.default.isExecutableFile(atPath: program) }
        return (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    private var pictures: Finding {
        let stock = configuration.stock
        let names = [
            ("Pexels", stock.pexels != nil), ("Unsplash", stock.unsplash != nil), ("Pixabay", stock.pixabay != nil),
        ].filter(\.1).map(\.0)
        return Finding(
            what: "stock pictures", outcome: .ok,
            found: names.isEmpty ? "none: pictures are drawn" : names.joined(separator: ", "))
    }

    private func publishing(ledger: Bool) async -> [Finding] {
        let what = "who publishes"
        guard configuration.publishTo == .youTube else {
            return [Finding(what: what, outcome: .ok, found: "nobody: videos go into \(configuration.published)")]
        }
        var findings: [Finding] = []
        do {
            try KeyFile(environment: ProcessInfo.processInfo.environment, path: configuration.keyFile).load()
        } catch {
            findings.append(
                Finding(
                    what: "secret keys", outcome: .warning, found: "\(error)",
                    remedy: "Run doctor as root or as the upload workers' user; `ytempire secret key` makes the file."))
        }
        guard ledger else { return findings }
        do {
            findings.append(accounts(what, try await services.ledger.accounts()))
            let orphans = try await services.ledger.channelsWithoutAccount()
            if !orphans.isEmpty {
                let names = orphans.prefix(5).joined(separator: "; ") + (orphans.count > 5 ? "; …" : "")
                findings.append(
                    Finding(
                        what: what, outcome: .failed,
                        found:
                            "no account publishes for \(orphans.count == 1 ? "a channel" : "\(orphans.count) channels"): \(names)",
                        remedy: "ytempire account assign ACCOUNT USER CHANNEL"))
            }
        } catch {
            findings.append(Finding(what: what, outcome: .failed, found: "\(error)"))
        }
        return findings
    }

    private func accounts(_ what: String, _ accounts: [AccountReport]) -> Finding {
        guard !accounts.isEmpty else {
            return Finding(
                what: what, outcome: .failed, found: "YouTube, but no account is connected",
                remedy: "ytempire account connect NAME --user USER --channel CHANNEL")
        }
        let parked = accounts.filter { $0.parkedBecause != nil }
        let found = "YouTube, \(accounts.count) \(accounts.count == 1 ? "account" : "accounts")"
        guard !parked.isEmpty else { return Finding(what: what, outcome: .ok, found: found) }
        let lost = parked.filter { $0.parkedUntil == nil }
        return Finding(
            what: what, outcome: .warning,
            found: "\(found), parked: "
                + parked.map { "\($0.name) (\($0.parkedBecause ?? ""))" }.joined(separator: ", "),
            remedy: lost.first.map { "ytempire account connect \($0.name)" }
                ?? "They go on by themselves: `ytempire account list` tells when.")
    }

    private func bucket() async -> [Finding] {
        do {
            guard let store = try configuration.openBucket() else { return [] }
            return try await store.examine().map(Finding.init)
        } catch {
            return [Finding(what: "bucket", outcome: .failed, found: "\(error)")]
        }
    }
}

extension Finding {
    init(_ finding: BucketFinding) {
        let outcome: Outcome =
            switch finding.outcome {
            case .ok: .ok
            case .warning: .warning
            case .failed: .failed
            }
        self.init(what: "bucket", outcome: outcome, found: finding.found, remedy: finding.remedy)
    }
}
