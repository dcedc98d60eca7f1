import Glibc

/// How much room a file system has, in bytes.
package struct DiskSpace: Sendable, Equatable {
    package let capacity: Int64
    /// For users other than root.
    package let free: Int64

    /// Of the file system that the path lies on.
    package static func of(_ path: String) throws(FileFault) -> DiskSpace {
        var record = statvfs()
        _ = try check("look at the file system of", path) { statvfs(path, &record) }
        return DiskSpace(
            capacity: Int64(record.f_blocks) * Int64(record.f_frsize),
            free: Int64(record.f_bavail) * Int64(record.f_frsize))
    }
}
