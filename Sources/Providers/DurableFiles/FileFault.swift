import Glibc

/// A file operation the system refused.
package struct FileFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a caller may want to tell apart; the rest is in `errno`.
    package enum Code: Sendable, Equatable { case full, denied, missing, other }

    /// What was done: "write", "rename".
    package let action: String
    package let path: String
    /// As in errno(3).
    package let errno: Int32

    package init(_ action: String, _ path: String, errno: Int32) {
        (self.action, self.path, self.errno) = (action, path, errno)
    }

    package var code: Code {
        switch errno {
        case ENOSPC, EDQUOT: .full
        case EACCES, EPERM, EROFS: .denied
        case ENOENT: .missing
        default: .other
        }
    }

    /// What a person can do about it.
    package var advice: String {
        switch code {
        case .full: "free some space there, or point the setting at a larger disk"
        case .denied: "give the user this runs as the right to read and write there, or point the setting elsewhere"
        case .missing: "look whether the disk is mounted and the path is spelled right"
        case .other where errno == ENOTDIR:
            fileInTheWay.map { "\($0) is a file, not a folder; move it away" } ?? Self.look
        case .other: Self.look
        }
    }

    private static let look = "look at the disk and at the system's log"

    /// The uppermost part of the path that is not a folder, though the path goes on below it or wanted one there.
    private var fileInTheWay: String? {
        var folder = ""
        for part in path.split(separator: "/") {
            folder += (folder.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            var status = stat()
            guard stat(folder, &status) == 0 else { return nil }
            if status.st_mode & S_IFMT != S_IFDIR { return folder }
        }
        return nil
    }

    package var description: String { "\(action) \(path): \(String(cString: strerror(errno))); \(advice)" }
}

/// Answers what the call answered, or its failure as an error; repeats a call that a signal interrupted.
func check<Status: SignedInteger>(
    _ action: String, _ path: String, _ call: () -> Status
) throws(FileFault) -> Status {
    while true {
        let status = call()
        if status >= 0 { return status }
        let reason = errno
        if reason != EINTR { throw FileFault(action, path, errno: reason) }
    }
}
