import Glibc

extension OpenFile {
    /// Gives a part of the file, as far as there is one, piece by piece to `body`, which may end the reading by throwing.
    package func forEachPiece(in range: Range<Int64>, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
            var position = range.lowerBound
            while position < range.upperBound {
                let wanted = Int(min(range.upperBound - position, Int64(buffer.count)))
                let count = try check("read", path) { pread(descriptor, buffer.baseAddress, wanted, off_t(position)) }
                if count == 0 { return }
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                position += Int64(count)
            }
        }
    }
}
