import Fleet
import Foundation
import Ledger

/// The person at the keyboard, as the audit tells of them.
struct Operator {
    let who: String
    let host: String

    /// The login; where sudo changed it, through whom: `root (sudo of anna)`.
    static func current(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> Operator {
        let login = accountName ?? environment["LOGNAME"] ?? environment["USER"] ?? "user \(geteuid())"
        let sudo = environment["SUDO_USER"].flatMap { $0.isEmpty || $0 == login ? nil : $0 }
        return Operator(who: login + (sudo.map { " (sudo of \($0))" } ?? ""), host: Host.name)
    }

    func note(_ action: String, _ subject: String, reason: String) -> AuditNote {
        AuditNote(id: UUID(), who: who, host: host, action: action, subject: subject, reason: reason)
    }

    private static var accountName: String? {
        var (entry, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var buffer = [CChar](repeating: 0, count: 4_096)
        guard getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name
        else { return nil }
        return String(cString: name)
    }
}
