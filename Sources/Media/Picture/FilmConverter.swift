import CFFmpeg

/// Brings a film's frames to a size, upright, in a video's way of writing colours: one chain of filters, made when the first frame
/// comes and again when frames change. Belongs to one thread.
final class FilmConverter {
    enum Finish: Sendable {
        case sharp
        /// Dimmed and blurred: what lies behind a picture of another shape.
        case backdrop
    }

    private let width: Int
    private let height: Int
    private let orientation: Orientation
    private let finish: Finish
    private var chain: (graph: FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter)?
    private var kind: PictureKind?

    /// Light of 203 cd/m² is HDR's diffuse white (Rec. ITU-R BT.2408-7, 2.2), and becomes this video's nearly brightest. Light up to
    /// 1,000 cd/m², what most HDR is mastered for, still differs.
    private static let (diffuseWhite, brightest) = (203, 1000.0)
    /// A backdrop is blurred at about so many samples across: that is as soft as it gets, and costs nothing.
    private static let backdropSamples = 96
    private static let backdropBlur = 3
    /// How much of its brightness and its colour a backdrop keeps.
    private static let (backdropLight, backdropColour) = (0.45, 0.7)

    /// Its frames are `width` × `height`, both even.
    init(width: Int, height: Int, orientation: Orientation, finish: Finish = .sharp) {
        (self.width, self.height, self.orientation, self.finish) = (width, height, orientation, finish)
    }

    /// The middle of `frame` that has the wanted shape, at the wanted size. The result may share the frame's samples.
    func convert(_ frame: Frame) throws(MediaError) -> Frame {
        let kind = PictureKind(frame)
        let copy = try Frame()
        try check(av_frame_ref(copy.pointer, frame.pointer), "share picture")
        copy.pointer.pointee.format = kind.format.rawValue
        if kind.isVideo, kind.pixelAspect == 1, orientation == .upright, finish == .sharp, kind.width == width,
            kind.height == height
        {
            return copy
        }
        if self.kind != kind || chain == nil {
            (chain, self.kind) = (nil, nil)
            chain = try makeChain(for: kind)
            self.kind = kind
        }
        guard let chain else { return copy }
        // What the chain was made for is what it is given, whatever this frame says.
        copy.time = 0
        try chain.graph.push(copy, into: chain.source)
        let result = try Frame()
        guard try chain.graph.pull(from: chain.sink, into: result) else {
            throw MediaError(.failed, "convert film", reason: "the filters kept a frame")
        }
        return result
    }

    private func makeChain(
        for kind: PictureKind
    ) throws(MediaError) -> (FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter) {
        let graph = try FilterGraph(threads: 1)
        let source = try graph.add(
            "buffer",
            [
                "video_size": "\(kind.width)x\(kind.height)",
                "pix_fmt": av_get_pix_fmt_name(kind.format).map { String(cString: $0) } ?? "none",
                "time_base": "1/1000", "pixel_aspect": "1/1",
            ])
        var filters = [source, try crop(kind, in: graph)]
        if kind.hasAlpha {
            // Transparent parts show black, not whatever colour the file keeps under them.
            if kind.isRGB { filters.append(try graph.add("format", ["pix_fmts": "gbrap"])) }
            filters.append(try graph.add("premultiply", ["inplace": "1"]))
        } else if kind.isRGB {
            filters.append(try graph.add("format", ["pix_fmts": "gbrp|gbrp10le|gbrp12le|gbrp14le|gbrp16le"]))
        }
        // Turned at the end, where there are the fewest samples; so sizes up to there are those of a picture not turned yet.
        let isSmall = finish == .backdrop
        let (shownWidth, shownHeight) = isSmall ? backdropSize : (width, height)
        let size = orientation.isTransposed ? (shownHeight, shownWidth) : (shownWidth, shownHeight)
        filters += try scale(kind, to: size, format: isSmall ? "yuv420p10le" : "yuv420p", in: graph)
        filters += try orientation.filters(in: graph)
        if isSmall { filters += try backdrop(in: graph) }
        let sink = try graph.add("buffersink")
        try graph.chain(filters + [sink])
        return (graph, source, sink)
    }

    /// The middle that has the wanted shape, in whole samples of colour.
    private func crop(_ kind: PictureKind, in graph: FilterGraph) throws(MediaError) -> FilterGraph.Filter {
        let (turnedWidth, turnedHeight) = orientation.isTransposed ? (height, width) : (width, height)
        // In pixels of the film, which may not be square.
        let shape = Double(turnedWidth) / Double(turnedHeight) / kind.pixelAspect
        let (ownWidth, ownHeight) = (Double(kind.width), Double(kind.height))
        func even(_ value: Double, _ most: Int) -> Int {
            max(2, min(Int((value / 2).rounded()) * 2, most / 2 * 2))
        }
        let keptWidth = even(min(ownWidth, ownHeight * shape), kind.width)
        let keptHeight = even(min(ownHeight, ownWidth / shape), kind.height)
        guard kind.width >= 2, kind.height >= 2 else {
            // A picture of one pixel's width has no halves.
            return try graph.add("crop", ["w": "\(kind.width)", "h": "\(kind.height)", "x": "0", "y": "0"])
        }
        return try graph.add(
            "crop",
            [
                "w": "\(keptWidth)", "h": "\(keptHeight)", "x": "\((kind.width - keptWidth) / 4 * 2)",
                "y": "\((kind.height - keptHeight) / 4 * 2)",
            ])
    }

    /// Size, matrix, range and, for HDR, light.
    private func scale(
        _ kind: PictureKind, to size: (width: Int, height: Int), format: String, in graph: FilterGraph
    ) throws(MediaError) -> [FilterGraph.Filter] {
        // BT.601's primaries are so near to BT.709's that players don't tell them apart; neither does this.
        let primaries = kind.isWide ? "2020" : "709"
        let range = kind.isFullRange ? "full" : "limited"
        guard kind.light != .standard else {
            return [
                try graph.add(
                    "zscale",
                    [
                        "w": "\(size.width)", "h": "\(size.height)", "filter": "bicubic", "dither": "ordered",
                        "matrixin": kind.matrix, "rangein": range, "primariesin": primaries, "transferin": "709",
                        "matrix": "709", "range": "limited", "primaries": "709", "transfer": "709",
                        "chromal": "left",
                    ]),
                try graph.add("format", ["pix_fmts": format]),
            ]
        }
        return [
            try graph.add(
                "zscale",
                [
                    "w": "\(size.width)", "h": "\(size.height)", "filter": "bicubic",
                    "matrixin": kind.matrix, "rangein": range, "primariesin": "2020",
                    "transferin": kind.light == .hybrid ? "arib-std-b67" : "smpte2084",
                    "matrix": "gbr", "range": "full", "primaries": "709", "transfer": "linear",
                    "npl": "\(Self.diffuseWhite)",
                ]),
            try graph.add("format", ["pix_fmts": "gbrpf32le"]),
            try graph.add(
                "tonemap", ["tonemap": "mobius", "peak": "\(Self.brightest / Double(Self.diffuseWhite))", "desat": "0"]),
            try graph.add(
                "zscale",
                [
                    "matrixin": "gbr", "rangein": "full", "primariesin": "709", "transferin": "linear",
                    "matrix": "709", "range": "limited", "primaries": "709", "transfer": "709", "dither": "ordered",
                    "chromal": "left",
                ]),
            try graph.add("format", ["pix_fmts": format]),
        ]
    }

    private var backdropSize: (width: Int, height: Int) {
        let scale = Double(Self.backdropSamples) / Double(max(width, height))
        func even(_ side: Int) -> Int { max(16, Int((Double(side) * scale / 2).rounded()) * 2) }
        return (even(width), even(height))
    }

    /// With ten bits until the end: a soft, dark slope in eight would show steps.
    private func backdrop(in graph: FilterGraph) throws(MediaError) -> [FilterGraph.Filter] {
        let grey = "((maxval+minval)/2)"
        let colour = "\(grey)+(val-\(grey))*\(Self.backdropColour)"
        return [
            try graph.add("gblur", ["sigma": "\(Self.backdropBlur)"]),
            try graph.add("lutyuv", ["y": "minval+(val-minval)*\(Self.backdropLight)", "u": colour, "v": colour]),
            try graph.add(
                "zscale",
                [
                    "w": "\(width)", "h": "\(height)", "filter": "bicubic", "dither": "ordered", "matrixin": "709",
                    "rangein": "limited", "primariesin": "709", "transferin": "709", "matrix": "709",
                    "range": "limited", "primaries": "709", "transfer": "709",
                ]),
            try graph.add("format", ["pix_fmts": "yuv420p"]),
        ]
    }
}
