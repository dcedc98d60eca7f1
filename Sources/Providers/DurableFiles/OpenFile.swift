import Glibc

/// An open file, read from its start. Closed when its owner lets go of it.
package struct OpenFile: ~Copyable {
    package let path: String
    let descriptor: Int32

    /// Opens a file to read. Anything but a regular file, or a symbolic link to one, is refused with `EINVAL`, and
    /// without waiting, as opening a pipe would.
    package static func reading(_ path: String) throws(FileFault) -> OpenFile {
        let descriptor = try check("open", path) { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        let file = OpenFile(path: path, descriptor: descriptor)
        guard try file.status().isRegular else { throw FileFault("read as a file", path, errno: EINVAL) }
        return file
    }

    init(path: String, descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    deinit { close(descriptor) }

    /// What the file system knows of the open file.
    package func status() throws(FileFault) -> FileStatus {
        var record = stat()
        _ = try check("look at", path) { fstat(descriptor, &record) }
        return FileStatus(record)
    }

    /// Fills the buffer with what comes next and answers how much that was; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        try check("read", path) { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    /// Gives all that is left to read, piece by piece, to `body`, which may end the reading by throwing.
    package func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            while true {
                let count = try read(into: buffer)
                if count == 0 { return }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// Waits until the disk has the bytes.
    package func sync() throws(FileFault) { _ = try check("flush", path) { fsync(descriptor) } }

    /// The whole file; for small ones. `EFBIG` beyond `limit` bytes.
    package static func bytes(of path: String, limit: Int) throws(FileFault) -> [UInt8] {
        let file = try OpenFile.reading(path)
        let size = Int(try file.status().content.size)
        guard size <= limit else { throw FileFault("read", path, errno: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: size)
        var filled = 0
        var fault: FileFault?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(FileFault) {
                while filled < size {
                    let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                    if count == 0 { break }
                    filled += count
                }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        bytes.removeLast(size - filled)
        return bytes
    }
}

/// What the file system knows of a file.
package struct FileStatus: Sendable, Hashable {
    /// What tells a file's content from another's, and from its own earlier one, without reading it.
    package struct Content: Sendable, Hashable {
        package let device: UInt64
        package let inode: UInt64
        /// Bytes
        package let size: Int64
        /// When the content last changed, in nanoseconds since 1970.
        package let modified: Int64
    }

    package let content: Content
    /// How many names the file has.
    package let links: Int
    package let isRegular: Bool
    /// Permission bits.
    package let mode: UInt32

    init(_ record: stat) {
        content = Content(
            device: UInt64(record.st_dev), inode: UInt64(record.st_ino), size: Int64(record.st_size),
            modified: Int64(record.st_mtim.tv_sec) * 1_000_000_000 + Int64(record.st_mtim.tv_nsec))
        links = Int(record.st_nlink)
        isRegular = record.st_mode & S_IFMT == S_IFREG
        mode = record.st_mode & 0o7777
    }

    /// Of what the path names; nil where there is nothing.
    package static func of(_ path: String, followingLinks: Bool = true) throws(FileFault) -> FileStatus? {
        var record = stat()
        do {
            _ = try check("look at", path) { followingLinks ? stat(path, &record) : lstat(path, &record) }
        } catch  where error.errno == ENOENT || error.errno == ENOTDIR {
            return nil
        }
        return FileStatus(record)
    }
}
