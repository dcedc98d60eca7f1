#if canImport(Glibc)
import Glibc
#endif

/// This machine.
package enum Host {
    /// The host's name up to its first dot, fit for a worker's name.
    package static let name: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "host" }
        let bytes = buffer.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: ".")) }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
        }
        return name.isEmpty ? "host" : String(name.prefix(40))
    }()
}

/// This program.
package enum Version {
    package static let current = "0.1.0"
}
