import Glibc

/// A folder held for one process and, within it, one owner at a time (flock(2)). Freed when its owner lets go of it,
/// or dies.
package struct FolderLock: ~Copyable {
    private let file: OpenFile

    /// Takes the lock if nobody holds it; nil otherwise. The lock file stays: removing it would let two hold it.
    package static func take(_ folder: DurableFolder, name: String = ".lock") throws(FileFault) -> FolderLock? {
        let path = folder.path(of: name)
        let fresh = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if fresh >= 0 { Inheritance.settle(fresh, in: folder.path) }
        let descriptor =
            fresh >= 0 ? fresh : try check("open the lock", path) { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        let file = OpenFile(path: path, descriptor: descriptor)
        do {
            _ = try check("lock", path) { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch  where error.errno == EWOULDBLOCK {
            return nil
        }
        return FolderLock(file: file)
    }

    private init(file: consuming OpenFile) { self.file = file }
}
