/// What one shot shows, ready to be drawn for any moment of it. Drawing must not change what others see of it: several
/// segments of a video are drawn at once.
protocol ShotPicture: AnyObject, Sendable {
    func draw(at moment: ShotMoment, into frame: Frame, with brush: Brush) throws(MediaError)
}

/// How far a shot is, counted from when something of it was first seen: in the transition before it.
struct ShotMoment: Sendable, Equatable {
    let seconds: Double
    /// 0 to 1
    let progress: Double
}

/// Scratch memory of whoever draws.
final class Brush {
    private var workspace = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { workspace.deallocate() }

    /// At least so many bytes, aligned to 64, with anything in them.
    func room(_ bytes: Int) -> UnsafeMutableRawPointer? {
        if workspace.count < bytes {
            workspace.deallocate()
            workspace = .allocate(byteCount: bytes, alignment: 64)
        }
        return workspace.baseAddress
    }
}

/// One colour, all over.
final class PlainPicture: ShotPicture {
    private let colour: (luma: Int32, blue: Int32, red: Int32)

    init(_ colour: Colour) { self.colour = colour.bt709 }

    func draw(at moment: ShotMoment, into frame: Frame, with brush: Brush) {
        for (index, value) in [colour.luma, colour.blue, colour.red].enumerated() {
            guard let plane = frame.plane(index) else { continue }
            for line in 0..<plane.height {
                (plane.samples + line * plane.stride).update(repeating: UInt8(value), count: plane.width)
            }
        }
    }
}
