#if canImport(Glibc)
import Glibc
#endif

/// Nothing but a place for the one system call below.
enum Descriptor {
    /// Writes all bytes, taking partial writes and interruptions into account; gives up silently if nobody can read them.
    static func writeWhole(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}
