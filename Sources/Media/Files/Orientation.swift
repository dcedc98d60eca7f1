import CFFmpeg

/// How a film's pictures are turned and mirrored before they are shown: one of the eight ways. Phones write what the sensor sees, and
/// how the phone was held beside it.
struct Orientation: Sendable, Hashable {
    /// Rows become columns, before the mirrors.
    let isTransposed: Bool
    let mirrorsAcross: Bool
    let mirrorsDown: Bool

    static let upright = Orientation(isTransposed: false, mirrorsAcross: false, mirrorsDown: false)

    init(isTransposed: Bool, mirrorsAcross: Bool, mirrorsDown: Bool) {
        (self.isTransposed, self.mirrorsAcross, self.mirrorsDown) = (isTransposed, mirrorsAcross, mirrorsDown)
    }

    /// What the stream says. A turn by an odd angle becomes the nearest quarter.
    init(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let matrix = yt_display_matrix(stream) else {
            self = .upright
            return
        }
        // Of ISO/IEC 14496-12, 6.2.2: x' = ax + cy, y' = bx + dy, in the order a b u c d v x y w.
        let (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4])
        if a.magnitude + d.magnitude >= b.magnitude + c.magnitude {
            self.init(isTransposed: false, mirrorsAcross: a < 0, mirrorsDown: d < 0)
        } else {
            self.init(isTransposed: true, mirrorsAcross: c < 0, mirrorsDown: b < 0)
        }
    }

    /// Adds the filters that do it.
    func filters(in graph: FilterGraph) throws(MediaError) -> [FilterGraph.Filter] {
        if isTransposed {
            // FFmpeg's numbers of the four ways to transpose.
            let kind =
                switch (mirrorsAcross, mirrorsDown) {
                case (false, false): "cclock_flip"
                case (true, false): "clock"
                case (false, true): "cclock"
                case (true, true): "clock_flip"
                }
            return [try graph.add("transpose", ["dir": kind])]
        }
        var filters: [FilterGraph.Filter] = []
        if mirrorsAcross { filters.append(try graph.add("hflip")) }
        if mirrorsDown { filters.append(try graph.add("vflip")) }
        return filters
    }
}
