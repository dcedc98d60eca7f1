import FoundationEssentials
import Glibc

/// Reads local sources: regular files only, so that a pipe or a device can neither block nor feed us for ever.
enum SourceFile {
    /// Files that can be articles in a folder.
    private static let markdownEndings = [".md", ".markdown"]
    private static let mostFiles = 10_000

    /// The file itself, or a folder's Markdown files by name.
    static func files(at path: String, limit: Int) throws(FeedError) -> (paths: [String], isFolder: Bool) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(errno, path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return ([path], false) }
        guard let folder = opendir(path) else { throw failure(errno, path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix("."), markdownEndings.contains(where: name.lowercased().hasSuffix) { names.append(name) }
            if names.count == mostFiles { break }
        }
        guard !names.isEmpty else { throw FeedError(.notRegularFile("a folder without .md files"), source: path) }
        return (names.sorted().map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }, true)
    }

    /// All bytes of a regular file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(FeedError) -> [UInt8] {
        // Without O_NONBLOCK, opening a pipe waits for its writer.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw failure(errno, path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(errno, path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FeedError(.notRegularFile(kind(of: status.st_mode)), source: path)
        }
        guard status.st_size <= limit else { throw FeedError(.tooLarge(limit), source: path) }
        // The size is a hint only: a file may grow, and those in /proc have none.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size))
        while bytes.count <= limit {
            var errorNumber: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 256 * 1024) { buffer, count in
                let got = Glibc.read(file, buffer.baseAddress, buffer.count)
                if got < 0 { errorNumber = errno }
                count = max(0, got)
            }
            if errorNumber == EINTR { continue }
            guard errorNumber == 0 else { throw failure(errorNumber, path) }
            guard !chunk.isEmpty else { return bytes }
            bytes += chunk
        }
        throw FeedError(.tooLarge(limit), source: path)
    }

    private static func failure(_ number: Int32, _ path: String) -> FeedError {
        if number == ENOENT || number == ENOTDIR { return FeedError(.missingFile, source: path) }
        if number == ENXIO { return FeedError(.notRegularFile("a socket"), source: path) }
        return FeedError(.unreadableFile(String(cString: strerror(number))), source: path)
    }

    private static func kind(of mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFIFO: "a named pipe (FIFO)"
        case S_IFCHR: "a character device"
        case S_IFBLK: "a block device"
        case S_IFSOCK: "a socket"
        case S_IFDIR: "a folder"
        default: "no regular file"
        }
    }
}
