import CFFmpeg

/// How a film or a picture is turned and mirrored before it is shown: one of the eight ways. Phones write what the sensor sees,
/// and how the phone was held beside it.
struct Orientation: Sendable, Hashable {
    /// Rows become columns, before the mirrors.
    let isTransposed: Bool
    let mirrorsAcross: Bool
    let mirrorsDown: Bool

    static let upright = Orientation(isTransposed: false, mirrorsAcross: false, mirrorsDown: false)

    init(isTransposed: Bool, mirrorsAcross: Bool, mirrorsDown: Bool) {
        (self.isTransposed, self.mirrorsAcross, self.mirrorsDown) = (isTransposed, mirrorsAcross, mirrorsDown)
    }

    /// What a film's stream says.
    init(_ stream: UnsafeMutablePointer<AVStream>) {
        self = yt_display_matrix(stream).map { Orientation(matrix: $0) } ?? .upright
    }

    /// What a decoded picture says of itself, in its EXIF. Of a JPEG FFmpeg makes a matrix, of a WebP only a word.
    init(_ picture: Frame) {
        if let side = av_frame_get_side_data(picture.pointer, AV_FRAME_DATA_DISPLAYMATRIX)?.pointee,
            side.size >= 9 * MemoryLayout<Int32>.size, let matrix = side.data
        {
            self = matrix.withMemoryRebound(to: Int32.self, capacity: 9) { Orientation(matrix: $0) }
        } else {
            let tag = picture.metadata("Orientation")?.filter { !$0.isWhitespace }
            self = tag.flatMap { Int($0) }.flatMap { Orientation(exif: $0) } ?? .upright
        }
    }

    /// The values of EXIF's tag 274 (CIPA DC-008, 4.6.4 A); nil for any other.
    init?(exif tag: Int) {
        guard (1...8).contains(tag) else { return nil }
        self.init(
            isTransposed: tag >= 5, mirrorsAcross: [2, 3, 6, 7].contains(tag),
            mirrorsDown: [3, 4, 7, 8].contains(tag))
    }

    /// A turn by an odd angle becomes the nearest quarter.
    private init(matrix: UnsafePointer<Int32>) {
        // Of ISO/IEC 14496-12, 6.2.2: x' = ax + cy, y' = bx + dy, in the order a b u c d v x y w.
        let (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4])
        if a.magnitude + d.magnitude >= b.magnitude + c.magnitude {
            self.init(isTransposed: false, mirrorsAcross: a < 0, mirrorsDown: d < 0)
        } else {
            self.init(isTransposed: true, mirrorsAcross: c < 0, mirrorsDown: b < 0)
        }
    }

    /// A copy of `picture` as it is to be seen, or itself where there is nothing to do.
    func turn(_ picture: Frame) throws(MediaError) -> Frame {
        guard self != .upright else { return picture }
        let picture = isTransposed ? try Self.withSquareSamples(picture) : picture
        let graph = try FilterGraph(threads: 1)
        let source = try graph.add(
            "buffer",
            [
                "video_size": "\(picture.width)x\(picture.height)",
                "pix_fmt": av_get_pix_fmt_name(picture.pixelFormat).map { String(cString: $0) } ?? "none",
                "time_base": "1/1", "pixel_aspect": "1/1",
            ])
        let sink = try graph.add("buffersink")
        try graph.chain([source] + filters(in: graph) + [sink])
        picture.time = 0
        try graph.push(picture, into: source)
        let result = try Frame()
        guard try graph.pull(from: sink, into: result) else {
            throw MediaError(.failed, "turn picture", reason: "the filters kept it")
        }
        return result
    }

    /// FFmpeg transposes no picture whose colour is coarser in one direction than in the other, as 4:2:2 is: its colour is made
    /// as fine as its brightness.
    private static func withSquareSamples(_ picture: Frame) throws(MediaError) -> Frame {
        let kind = PictureKind(picture)
        guard let shape = av_pix_fmt_desc_get(kind.format)?.pointee, shape.log2_chroma_w != shape.log2_chroma_h else {
            return picture
        }
        let tagged = picture.pointer.pointee.colorspace
        return try Scaler.scale(
            picture, width: picture.width, height: picture.height,
            to: Scaler.Target(
                format: AV_PIX_FMT_YUV444P, matrix: tagged == AVCOL_SPC_UNSPECIFIED ? AVCOL_SPC_SMPTE170M : tagged,
                range: kind.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG))
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
