import Foundation

/// The mix on disk while its loudness is found: it is made once and read a few times. 384 kB for each second.
final class MixFile {
    private let path: String
    private let file: UnsafeMutablePointer<FILE>

    /// Makes the file; it goes with this object.
    init(_ path: String) throws(MediaError) {
        self.path = path
        guard let file = fopen(path, "w+be") else {
            throw MediaError(.unwritable, "create", file: path, reason: String(cString: strerror(errno)))
        }
        self.file = file
    }

    deinit {
        fclose(file)
        unlink(path)
    }

    func append(_ block: StereoBlock) throws(MediaError) {
        guard fwrite(block.left, MemoryLayout<Float>.size, StereoBlock.length, file) == StereoBlock.length,
            fwrite(block.right, MemoryLayout<Float>.size, StereoBlock.length, file) == StereoBlock.length
        else { throw MediaError(.unwritable, "write", file: path, reason: String(cString: strerror(errno))) }
    }

    /// The next block will be the first one.
    func rewind() throws(MediaError) {
        guard fflush(file) == 0, fseek(file, 0, SEEK_SET) == 0 else {
            throw MediaError(.unwritable, "write", file: path, reason: String(cString: strerror(errno)))
        }
    }

    /// False at the end.
    func read(into block: StereoBlock) throws(MediaError) -> Bool {
        let size = MemoryLayout<Float>.size
        if fread(block.left, size, StereoBlock.length, file) == StereoBlock.length,
            fread(block.right, size, StereoBlock.length, file) == StereoBlock.length
        {
            return true
        }
        guard ferror(file) == 0 else {
            throw MediaError(.unreadable, "read", file: path, reason: String(cString: strerror(errno)))
        }
        return false
    }
}
