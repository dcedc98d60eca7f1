import Glibc

/// An account of this host, and what it may do with files: for root, whose own look shows everything open.
///
/// Judged by owner, group and mode; access control lists are not looked at.
package struct HostAccount: Sendable {
    package enum Right: Sendable {
        case read
        /// Of a folder: to make files in it.
        case write
        /// Of a folder: to get at what lies below.
        case search

        /// As others have it.
        fileprivate var bit: mode_t {
            switch self {
            case .read: S_IROTH
            case .write: S_IWOTH
            case .search: S_IXOTH
            }
        }
    }

    /// Whom systemd's units run as (`Deploy/sysusers`).
    package static let ofTheUnits = "ytempire"

    private let id: uid_t
    private let groups: Set<gid_t>

    init(id: uid_t, groups: Set<gid_t>) { (self.id, self.groups) = (id, groups) }

    /// Nil where the host has no such account.
    package init?(named name: String) {
        var (record, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
        var text = [CChar](repeating: 0, count: 1 << 14)
        guard getpwnam_r(name, &record, &text, text.count, &found) == 0, found != nil else { return nil }
        var (groups, count) = ([gid_t](repeating: 0, count: 256), CInt(256))
        guard getgrouplist(name, record.pw_gid, &groups, &count) >= 0 else { return nil }
        self.init(id: record.pw_uid, groups: Set(groups.prefix(Int(count))))
    }

    /// Whether the account has all of the rights, and gets as far as the path at all.
    package func may(_ rights: Set<Right>, _ path: String) -> Bool {
        // As it is resolved, so that links are followed.
        guard let resolved = realpath(path, nil) else { return false }
        defer { free(resolved) }
        var parts = String(cString: resolved).split(separator: "/")
        guard has(rights, "/" + parts.joined(separator: "/")) else { return false }
        while !parts.isEmpty {
            parts.removeLast()
            guard has([.search], "/" + parts.joined(separator: "/")) else { return false }
        }
        return true
    }

    private func has(_ rights: Set<Right>, _ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        if id == 0 { return true }
        let shift: mode_t = status.st_uid == id ? 6 : groups.contains(status.st_gid) ? 3 : 0
        return rights.allSatisfy { status.st_mode >> shift & $0.bit != 0 }
    }
}
