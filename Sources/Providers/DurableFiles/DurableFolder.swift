import Glibc

/// A folder whose files appear whole or not at all, and stay after a power cut.
///
/// New content is written under a temporary name in the same folder, flushed, and renamed; `sync` then makes the
/// new names last. All calls block.
package struct DurableFolder: Sendable {
    package let path: String
    /// Every temporary name starts with it; nothing else in the folder does.
    static let draftPrefix = ".draft-"

    /// Makes the folder, and those above it, where they are missing.
    package init(making path: String) throws(FileFault) {
        self.path = path
        var missing: [String] = []
        var current = path
        while try FileStatus.of(current) == nil, current.count > 1 {
            missing.append(current)
            current = Self.parent(of: current)
        }
        for folder in missing.reversed() {
            do {
                _ = try check("make the folder", folder) { mkdir(folder, 0o755) }
            } catch  where error.errno == EEXIST {
                continue  // another process was quicker
            }
            let made = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if made >= 0 {
                Inheritance.settle(made, in: Self.parent(of: folder))
                close(made)
            }
            try Self.sync(Self.parent(of: folder))
        }
    }

    package init(existing path: String) { self.path = path }

    package func path(of name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// Where something may be written before it gets a name of its own by `adopt`: `removeDrafts` removes what stays.
    package func draftPath(_ name: String) -> String { path(of: Self.draftPrefix + name) }

    /// Waits until the disk knows which names are in the folder.
    package func sync() throws(FileFault) { try Self.sync(path) }

    /// Gives `existing`, a whole and flushed file on the same file system, the name `name`, in place of what had it.
    package func take(_ existing: String, as name: String) throws(FileFault) {
        _ = try check("rename \(existing) to", path(of: name)) { rename(existing, path(of: name)) }
        // Where both names already were one file, rename(2) does nothing and succeeds.
        unlink(existing)
    }

    /// Gives a file from elsewhere a second name here (a hard link), in place of what had the name, and lets everyone
    /// read it. Answers false, with nothing done, where that can't be or would be unsafe: on another file system, for a
    /// file that is not ours, and for one that somebody may still write to. Only for who holds the folder's lock.
    package func link(_ file: borrowing OpenFile, as name: String) throws(FileFault) -> Bool {
        let status = try file.status()
        guard status.mode & 0o222 == 0 else { return false }
        let draft = path(of: Self.draftPrefix + "link")
        try remove(Self.draftPrefix + "link")
        do {
            _ = try check("let everyone read", file.path) { fchmod(file.descriptor, status.mode | 0o444) }
            _ = try check("link \(file.path) to", draft) {
                linkat(AT_FDCWD, file.path, AT_FDCWD, draft, AT_SYMLINK_FOLLOW)
            }
        } catch  where error.code == .denied || [EXDEV, EMLINK, EOPNOTSUPP].contains(error.errno) {
            return false
        }
        guard try FileStatus.of(draft)?.content == status.content else {
            unlink(draft)
            return false
        }
        try file.sync()
        try take(draft, as: name)
        return true
    }

    /// Moves a file in from elsewhere, flushed and with the given permissions. Answers false, with nothing done, where
    /// the file can't be had whole that way: it lies on another file system, its path is a symbolic link, it has other
    /// names through which it could change, or it or its folder belongs to another user.
    package func adopt(_ file: borrowing OpenFile, as name: String, mode: UInt32) throws(FileFault) -> Bool {
        let status = try file.status()
        guard status.links == 1, try FileStatus.of(file.path, followingLinks: false) == status else { return false }
        try file.sync()
        do {
            _ = try check("set the permissions of", file.path) { fchmod(file.descriptor, mode) }
            Inheritance.settle(file.descriptor, in: path)
            _ = try check("move \(file.path) to", path(of: name)) { rename(file.path, path(of: name)) }
        } catch  where error.errno == EXDEV || error.code == .denied {
            // Best effort: the file is not ours to move, and the copy that follows does not need this.
            fchmod(file.descriptor, status.mode)
            return false
        }
        return true
    }

    /// Removes the name; nothing happens where there is none. Answers whether there was one.
    @discardableResult
    package func remove(_ name: String) throws(FileFault) -> Bool {
        do {
            _ = try check("remove", path(of: name)) { unlink(path(of: name)) }
            return true
        } catch  where error.code == .missing {
            return false
        }
    }

    /// The names in the folder, in no order, drafts left out.
    package func names() throws(FileFault) -> [String] {
        try allNames().filter { !$0.hasPrefix(Self.draftPrefix) }
    }

    /// Removes what killed processes left half written. Only drafts last changed before `moment` (seconds since 1970)
    /// go; without one all do, which is safe only for who holds the folder's lock. Answers how many went.
    @discardableResult
    package func removeDrafts(before moment: Double? = nil) throws(FileFault) -> Int {
        var count = 0
        for name in try allNames() where name.hasPrefix(Self.draftPrefix) {
            if let moment {
                guard let status = try FileStatus.of(path(of: name)),
                    Double(status.content.modified) / 1_000_000_000 < moment
                else { continue }
            }
            if try remove(name) { count += 1 }
        }
        return count
    }

    private func allNames() throws(FileFault) -> [String] {
        guard let stream = opendir(path) else { throw FileFault("list", path, errno: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func sync(_ path: String) throws(FileFault) {
        let folder = OpenFile(
            path: path,
            descriptor: try check("open the folder", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        try folder.sync()
    }

    private static func parent(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
