import Dispatch
import Synchronization

/// Paints a composition and makes it a PNG file's bytes: upper and lower half at the same time, on two threads.
struct Painting: Sendable {
    let frame: Frame
    let composition: any Composition
    let finish: Finish

    /// Always two, whatever the machine: the bytes are the same everywhere.
    private static let bands = 2

    init(_ frame: Frame, family: ArtFamily, inks: Inks, dice: inout Dice) {
        self.frame = frame
        composition = family.composition(frame, inks, &dice)
        finish = Finish(frame, seed: dice.next())
    }

    /// Blocks. Ends early with `CancellationError` once the flag is raised.
    func png(cancelled: Flag) throws -> [UInt8] {
        let results = Mutex([Result<PaintedBand, any Error>?](repeating: nil, count: Self.bands))
        DispatchQueue.concurrentPerform(iterations: Self.bands) { band in
            let result = Result { try paint(band, cancelled) }
            results.withLock { $0[band] = result }
        }
        let pieces = try results.withLock { try $0.compactMap { try $0?.get() } }
        return PNGFile.bytes(width: frame.width, height: frame.height, pieces: pieces)
    }

    private func paint(_ band: Int, _ cancelled: Flag) throws -> PaintedBand {
        let rows = (frame.height * band / Self.bands)..<(frame.height * (band + 1) / Self.bands)
        let width = frame.width
        let planes = UnsafeMutablePointer<Float>.allocate(capacity: 3 * width)
        planes.initialize(repeating: 0, count: 3 * width)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * width + 1)
        bytes.initialize(repeating: 0, count: 3 * width + 1)
        defer {
            planes.deallocate()
            bytes.deallocate()
        }
        bytes[0] = 1  // PNG's filter "Sub"
        var deflater = try Deflater()
        for index in rows {
            if cancelled.isRaised { throw CancellationError() }
            let row = PixelRow(
                y: Float(index) + 0.5, width: width, red: planes, green: planes + width, blue: planes + 2 * width)
            composition.paint(row)
            finish.write(row, index: index, to: bytes + 1)
            deflater.append(bytes, count: 3 * width + 1)
        }
        deflater.finish(isLast: band == Self.bands - 1)
        return PaintedBand(compressed: deflater.output, checksum: deflater.checksum, length: deflater.length)
    }
}

/// Says across threads that work is no longer wanted.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}
