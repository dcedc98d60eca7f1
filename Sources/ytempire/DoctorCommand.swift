import ArgumentParser
import Fleet
import Foundation

struct DoctorCommand: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look whether everything the fleet needs is there, and say how to mend what is not.",
        discussion: "Exit code 1 if anything has failed.")

    @OptionGroup var options: CommandOptions

    func run(with services: FleetServices) async throws {
        let findings = await Examination(services: services).findings()
        try show(findings) { findings in
            findings.flatMap { finding in
                let mark =
                    switch finding.outcome {
                    case .ok: "ok    "
                    case .warning: "warn  "
                    case .failed: "FAIL  "
                    }
                return wrapped("\(finding.what): \(finding.found)", indent: 6, first: mark)
                    + (finding.remedy.map { wrapped($0, indent: 8, first: "      → ") } ?? [])
            }.map { $0 + "\n" }.joined()
        }
        if findings.contains(where: { $0.outcome == .failed }) { throw ExitCode.failure }
    }
}
