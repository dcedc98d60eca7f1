import Glibc

/// A file that is being written under a temporary name. It is removed unless it is committed.
package struct DraftFile: ~Copyable {
    private let folder: DurableFolder
    private let file: OpenFile
    private var isCommitted = false

    package var path: String { file.path }

    package init(in folder: DurableFolder) throws(FileFault) {
        self.folder = folder
        var template = Array(folder.path(of: DurableFolder.draftPrefix + "XXXXXX").utf8CString)
        let descriptor = try check("write in the folder", folder.path) { mkstemp(&template) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        Inheritance.settle(descriptor, in: folder.path)
        file = OpenFile(
            path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self),
            descriptor: descriptor)
    }

    deinit { if !isCommitted { unlink(file.path) } }

    /// Adds bytes at the end.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(FileFault) {
        var written = 0
        while written < bytes.count {
            written += try check("write in", folder.path) {
                write(file.descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
        }
    }

    package func append(_ bytes: [UInt8]) throws(FileFault) {
        var fault: FileFault?
        bytes.withUnsafeBytes { buffer in
            do throws(FileFault) { try append(buffer) } catch { fault = error }
        }
        if let fault { throw fault }
    }

    /// Adds all of another file's bytes. `watch` sees each piece and may end the copying by throwing.
    package func append(
        contentsOf source: borrowing OpenFile, watch: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try source.forEachPiece { piece in
            try append(piece)
            try watch(piece)
        }
    }

    /// Flushes the bytes and gives the file its name, in place of what had it: in the folder it was begun in, or in
    /// another on the same file system. That folder's `sync` makes it last.
    package mutating func commit(
        as name: String, mode: UInt32, into other: DurableFolder? = nil
    ) throws(FileFault) {
        _ = try check("set the permissions of", file.path) { fchmod(file.descriptor, mode) }
        try file.sync()
        try (other ?? folder).take(file.path, as: name)
        isCommitted = true
    }
}

extension DurableFolder {
    /// Writes a small file whole, in place of what had the name.
    package func write(_ bytes: [UInt8], as name: String, mode: UInt32) throws(FileFault) {
        var draft = try DraftFile(in: self)
        try draft.append(bytes)
        try draft.commit(as: name, mode: mode)
    }
}
