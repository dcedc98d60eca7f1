package import DurableFiles

/// How much an artifact store holds, and how much more it could.
package struct StoreUsage: Sendable, Equatable {
    package private(set) var artifacts = 0
    /// Of all artifacts together.
    package private(set) var bytes: Int64 = 0
    /// Of the file system the store lies on.
    package let space: DiskSpace

    init(space: DiskSpace) { self.space = space }

    mutating func add(bytes more: Int64) {
        artifacts += 1
        bytes += more
    }
}
