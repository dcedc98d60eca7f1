import Glibc

/// The fast Fourier transform of a power of two of complex numbers: radix 2, decimation in time.
struct FourierTransform {
    let size: Int
    private let cosines: [Float]
    private let sines: [Float]
    /// Where each number goes first: its index with the bits in reverse.
    private let reversed: [Int]

    /// - Parameter size: a power of two, at least 2.
    init(size: Int) {
        precondition(size >= 2 && size & (size - 1) == 0)
        self.size = size
        cosines = (0..<(size / 2)).map { Float(cos(2 * .pi * Double($0) / Double(size))) }
        sines = (0..<(size / 2)).map { Float(-sin(2 * .pi * Double($0) / Double(size))) }
        let bits = size.trailingZeroBitCount
        reversed = (0..<size).map { index in
            (0..<bits).reduce(0) { $0 << 1 | (index >> $1 & 1) }
        }
    }

    /// In place.
    func transform(_ real: UnsafeMutableBufferPointer<Float>, _ imaginary: UnsafeMutableBufferPointer<Float>) {
        for index in 0..<size where reversed[index] > index {
            real.swapAt(index, reversed[index])
            imaginary.swapAt(index, reversed[index])
        }
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                var half = 1
                while half < size {
                    let stride = size / (2 * half)
                    var start = 0
                    while start < size {
                        for offset in 0..<half {
                            let (c, s) = (cosines[offset * stride], sines[offset * stride])
                            let (upper, lower) = (start + offset, start + offset + half)
                            let (a, b) = (real[lower], imaginary[lower])
                            let (x, y) = (a * c - b * s, a * s + b * c)
                            (real[lower], imaginary[lower]) = (real[upper] - x, imaginary[upper] - y)
                            (real[upper], imaginary[upper]) = (real[upper] + x, imaginary[upper] + y)
                        }
                        start += 2 * half
                    }
                    half *= 2
                }
            }
        }
    }
}
