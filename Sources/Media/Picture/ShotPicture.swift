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

/// What whoever draws keeps from frame to frame: scratch memory, and the films in sight. Belongs to one thread.
final class Brush {
    private struct OpenFilm {
        // Held, so that no other picture gets its identity.
        let picture: ClipPicture
        let film: OpenClip
        var isInSight: Bool
    }

    private var films: [ObjectIdentifier: OpenFilm] = [:]
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

    /// The film that belongs to `picture`, opened when it comes into sight.
    func film(of picture: ClipPicture, open: () throws(MediaError) -> OpenClip) throws(MediaError) -> OpenClip {
        let name = ObjectIdentifier(picture)
        if films[name] == nil { films[name] = OpenFilm(picture: picture, film: try open(), isInSight: true) }
        films[name]?.isInSight = true
        guard let film = films[name]?.film else { return try open() }
        return film
    }

    /// A frame is done: films that it didn't show are closed. One takes up to a hundred megabytes at 4K.
    func finishFrame() {
        films = films.filter { $0.value.isInSight }
        for name in films.keys { films[name]?.isInSight = false }
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
