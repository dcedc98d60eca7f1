import ArgumentParser
import Foundation

/// `make faults`: every drill, one after the other, and what came of it as a table.
@main
struct FaultDrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault-drill", abstract: "Does every fault to a fleet of its own, and checks what comes of it.")

    @Option(help: "Only drills whose name or number holds this text.")
    var only: String?

    @Option(help: "Mix faults at random for so long instead, such as 10m.")
    var soak: String?

    @Option(help: "Of the soak's chances.")
    var seed: UInt64 = 1

    @Flag(help: "Only the quick ones.")
    var quick = false

    func run() async throws {
        if let soak {
            guard let length = Soak.length(soak) else { throw ValidationError("--soak is a time such as 90s or 10m") }
            try await report(
                Drill(12, "a soak of \(soak) with seed \(seed)") {
                    try await Soak(length: length, seed: seed).run { say($0) }
                })
            return
        }
        let drills = Drill.all.filter { drill in
            (!quick || drill.isQuick)
                && (only.map { Int($0).map { $0 == drill.number } ?? drill.name.contains($0) } ?? true)
        }
        say("| fault | jobs | lost | doubled | recovery s |\n| --- | ---: | ---: | ---: | ---: |")
        var failed = 0
        for drill in drills {
            do {
                try await report(drill)
            } catch {
                failed += 1
                say("| \(drill.number) \(drill.name) | FAILED | | | |\n\(error)")
            }
        }
        if failed > 0 {
            say("\(failed) of \(drills.count) drills failed")
            throw ExitCode.failure
        }
    }

    private func report(_ drill: Drill) async throws {
        let outcome = try await drill.run()
        let verdict = outcome.verdict
        if let limit = outcome.limit, let recovery = outcome.recovery, recovery > limit {
            throw DrillFailure("run again after \(recovery) s, not within \(limit) s")
        }
        let recovery = outcome.recovery.map { "\(($0 * 100).rounded() / 100)" } ?? "–"
        say(
            "| \(drill.number) \(drill.name) | \(verdict.jobs) | \(verdict.lost) | \(verdict.doubled) | \(recovery) |")
    }
}

/// Prints a line at once, for whoever watches.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
