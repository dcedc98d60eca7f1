import Glibc

/// What root makes in somebody's folder belongs to that somebody: a command typed as root must leave nothing behind there that the
/// folder's owner, the fleet, can't use.
enum Inheritance {
    /// Gives what this process has just made to the owner of the folder that it lies in. Nothing happens to who is not root, and
    /// where the file system won't have it.
    static func settle(_ descriptor: CInt, in folder: String) {
        var owner = stat()
        guard geteuid() == 0, stat(folder, &owner) == 0, owner.st_uid != 0 else { return }
        _ = fchown(descriptor, owner.st_uid, owner.st_gid)
    }
}
