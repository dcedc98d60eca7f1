package import FoundationEssentials

extension URL {
    /// The path as system calls take it: nothing percent-encoded, no slash at the end.
    package var plainPath: String {
        let path = path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
