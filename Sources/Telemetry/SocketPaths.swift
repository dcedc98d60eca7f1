#if canImport(Glibc)
import Glibc
#endif

/// Paths by a shell's pattern (glob(7)).
package enum SocketPaths {
    /// Sorted; none if nothing matches.
    package static func matching(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }
}
