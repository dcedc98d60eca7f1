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
        var findings = [writing, speaking, pictures]
        if ledger { findings += await makeshifts() }
        return findings + (await publishing(ledger: ledger)) + (await bucket())
    }

    /// A key that is missing, or that this account may not read.
    private func lacking(_ keys: String...) -> ConfigurationProblem? {
        configuration.lacking.first { keys.contains($0.key) }
    }

    private func missing(_ what: String, _ problem: ConfigurationProblem) -> Finding {
        geteuid() == 0
            ? Finding(what: what, outcome: .failed, found: "\(problem)", remedy: "README tells where to get it.")
            : Finding(
                what: what, outcome: .warning, found: "\(problem); it is missing, or only root may read it",
                remedy: "Run doctor as root.")
    }

    private var writing: Finding {
        let what = "who writes"
        if !configuration.openAI.models.isEmpty, let problem = lacking("openai.key") { return missing(what, problem) }
        guard configuration.openAI.isSetUp, !configuration.openAI.models.isEmpty else {
            return Finding(what: what, outcome: .ok, found: "nobody who is paid: scripts are extracts of their sources")
        }
        let models = configuration.openAI.models
        return priced(
            what, "\(configuration.openAI.kind.rawValue): \(models.joined(separator: ", then "))",
            unpriced: configuration.unpricedModels)
    }

    private var speaking: Finding {
        if let problem = lacking("elevenlabs.key")
            ?? (configuration.openAI.speech.model == nil ? nil : lacking("openai.key"))
        {
            return missing("who speaks", problem)
        }
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
            let problems = error.problems.map(\.description).joined(separator: "; ")
            return Finding(what: what, outcome: .warning, found: "\(found); their prices can't be read: \(problems)")
        }
        guard !problems.isEmpty else { return Finding(what: what, outcome: .ok, found: found) }
        return Finding(
            what: what, outcome: .failed, found: problems.map { "\($0)" }.joined(separator: "; "),
            remedy:
                "Look the prices up, and write them with the day into \(configuration.priceFile ?? PriceFile.standard)."
        )
    }

    private static func canRun(_ program: String) -> Bool {
        guard !program.contains("/") else { return FileManager.default.isExecutableFile(atPath: program) }
        return (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
    }

    private var pictures: Finding {
        if let problem = lacking("stock.unsplash.key", "stock.pixabay.key") {
            return missing("stock pictures", problem)
        }
        let stock = configuration.stock
        let names = [
            ("Pexels", stock.pexels != nil), ("Unsplash", stock.unsplash != nil), ("Pixabay", stock.pixabay != nil),
        ].filter(\.1).map(\.0)
        return Finding(
            what: "stock pictures", outcome: .ok,
            found: names.isEmpty ? "none: pictures are drawn" : names.joined(separator: ", "))
    }

    /// Nobody is asked anything here; but what workers were refused since yesterday says as much.
    private func makeshifts() async -> [Finding] {
        do {
            return try await services.ledger.makeshifts(since: .seconds(86_400)).map { makeshift in
                let count = makeshift.count == 1 ? "once" : "\(makeshift.count) times"
                return Finding(
                    what: makeshift.stage == .voice ? "who speaks" : "stock pictures", outcome: .warning,
                    found: "a video was made without, \(count) since yesterday; the latest is job \(makeshift.job): "
                        + makeshift.words,
                    remedy:
                        "`ytempire job log \(makeshift.job)` tells more. After a wrong key: mend it, and restart the "
                        + "\(makeshift.stage.rawValue) workers.")
            }
        } catch {
            return [Finding(what: "what was done without", outcome: .failed, found: "\(error)")]
        }
    }

    private func publishing(ledger: Bool) async -> [Finding] {
        let what = "who publishes"
        guard configuration.publishTo == .youTube else {
            return [Finding(what: what, outcome: .ok, found: "nobody: videos go into \(configuration.published)")]
        }
        var findings = lacking("youtube.client-secret").map { [missing(what, $0)] } ?? []
        guard ledger else { return findings + [keys(hasAccounts: false)] }
        do {
            let all = try await services.ledger.accounts()
            findings += [keys(hasAccounts: !all.isEmpty), accounts(what, all)]
            let orphans = try await services.ledger.channelsWithoutAccount()
            if !orphans.isEmpty {
                let names = orphans.prefix(5).joined(separator: "; ") + (orphans.count > 5 ? "; …" : "")
                findings.append(
                    Finding(
                        what: what, outcome: .failed,
                        found:
                            "no account can publish for \(orphans.count == 1 ? "a channel" : "\(orphans.count) channels"): \(names)",
                        remedy:
                            "ytempire account assign ACCOUNT USER CHANNEL; ytempire account connect ACCOUNT where it is parked"
                    ))
            }
        } catch {
            findings.append(Finding(what: what, outcome: .failed, found: "\(error)"))
        }
        return findings
    }

    private func keys(hasAccounts: Bool) -> Finding {
        let (what, path) = ("secret keys", configuration.keyFile)
        do {
            let ring = try KeyFile(environment: ProcessInfo.processInfo.environment, path: path).load()
            return Finding(what: what, outcome: .ok, found: "\(path), the first is \(ring.keys[0].id)")
        } catch {
            let isRoot = geteuid() == 0
            let isThere = FileManager.default.fileExists(atPath: path)
            return Finding(
                what: what, outcome: isRoot ? .failed : .warning, found: "\(error)",
                remedy: !isRoot
                    ? "Run doctor as root."
                    : isThere
                        ? "chown root: \(path) && chmod 600 \(path)"
                        : hasAccounts
                            ? "Put your copy of the file back: without it, connected accounts have to be connected again."
                            : "ytempire secret key")
        }
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
        if let problem = lacking("artifacts.s3.access-key", "artifacts.s3.secret-key") {
            return [missing("bucket", problem)]
        }
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
