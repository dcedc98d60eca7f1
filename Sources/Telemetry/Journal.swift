import Logging

#if canImport(Glibc)
import Glibc
#endif

/// systemd's journal, where standard error goes there.
package enum Journal {
    /// Whether standard error is the journal's: `$JOURNAL_STREAM` names the device and inode that it then is, and
    /// whoever redirects it elsewhere leaves the variable behind (systemd.exec(5)).
    package static func hasStandardError(_ environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        return fstat(2, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// The prefix by which the journal learns a line's priority (sd-daemon(3)).
    static func prefix(of level: Logger.Level) -> String {
        switch level {
        case .critical: "<2>"
        case .error: "<3>"
        case .warning: "<4>"
        case .notice: "<5>"
        case .info: "<6>"
        case .debug, .trace: "<7>"
        }
    }
}
