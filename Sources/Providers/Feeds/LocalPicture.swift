import FoundationEssentials
import Glibc

/// Finds the file that a picture in a local text means.
enum LocalPicture {
    private static let endings = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"]

    /// The absolute path of an existing picture file, or nil. Only paths that stay in the text's folder are followed, so
    /// that a text can't name any file of the machine; `folder` is nil for texts from elsewhere.
    static func file(for target: String, in folder: String?) -> String? {
        guard let folder, !target.hasPrefix("/"), !target.contains(":"), !target.contains("\0") else { return nil }
        let path = String(target.prefix { $0 != "?" && $0 != "#" })
        guard endings.contains(where: path.lowercased().hasSuffix) else { return nil }
        let root = URL(filePath: folder, directoryHint: .isDirectory)
        let inside = root.standardizedFileURL.path
        for candidate in [target, path, Self.unescaped(path)] {
            let file = URL(filePath: candidate, relativeTo: root).standardizedFileURL.path
            guard file.hasPrefix(inside.hasSuffix("/") ? inside : inside + "/") else { continue }
            var status = stat()
            if stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file }
        }
        return nil
    }

    /// Without `%20` and the like.
    private static func unescaped(_ path: String) -> String {
        var (bytes, rest) = ([UInt8](), path.utf8[...])
        while let first = rest.first {
            if first == UInt8(ascii: "%"), let value = UInt8(String(rest.dropFirst().prefix(2)) ?? "", radix: 16),
                rest.count > 2
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
