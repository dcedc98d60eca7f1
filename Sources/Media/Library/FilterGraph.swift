import CFFmpeg

/// FFmpeg's filters, joined. Options are set one by one, each value only a value: no text is ever read as a graph, so
/// nothing in a file name or a caption can become a filter.
final class FilterGraph {
    typealias Filter = UnsafeMutablePointer<AVFilterContext>

    private var graph: UnsafeMutablePointer<AVFilterGraph>?

    /// - Parameter threads: 0: as many as there are processors.
    init(threads: Int = 0) throws(MediaError) {
        let allocated = try require(avfilter_graph_alloc(), "allocate filter graph")
        allocated.pointee.nb_threads = Int32(threads)
        graph = allocated
    }

    deinit { avfilter_graph_free(&graph) }

    /// Adds the filter that FFmpeg calls `name`.
    func add(_ name: String, _ options: KeyValuePairs<String, String> = [:]) throws(MediaError) -> Filter {
        guard let kind = avfilter_get_by_name(name) else {
            throw MediaError(
                .unsupported, "find filter \(name)", status: YT_AVERROR_FILTER_NOT_FOUND,
                reason: "this FFmpeg was built without it")
        }
        let filter = try require(avfilter_graph_alloc_filter(graph, kind, nil), "allocate filter \(name)")
        for (key, value) in options {
            try check(
                av_opt_set(filter, key, value, AV_OPT_SEARCH_CHILDREN), "set option \(key)=\(value) of filter \(name)")
        }
        try check(avfilter_init_str(filter, nil), "start filter \(name)")
        return filter
    }

    /// Joins filters one after the other, the first output of each to the first input of the next, and makes the
    /// graph ready.
    func chain(_ filters: [Filter]) throws(MediaError) {
        for (source, target) in zip(filters, filters.dropFirst()) { try link(source, to: target) }
        try ready()
    }

    /// Joins one output of a filter to one input of another, counted from 0.
    func link(_ source: Filter, output: UInt32 = 0, to target: Filter, input: UInt32 = 0) throws(MediaError) {
        try check(avfilter_link(source, output, target, input), "join filters")
    }

    /// Makes a graph ready whose filters were joined one by one.
    func ready() throws(MediaError) { try check(avfilter_graph_config(graph, nil), "make filters ready") }

    /// Gives `frame` to a source, which takes its samples over; nil says that no more follow.
    ///
    /// - Throws: `.damaged` where the frame is not of the kind that the source was made for. FFmpeg only warns, and its filters then
    ///   read beyond what there is.
    func push(_ frame: Frame?, into source: Filter) throws(MediaError) {
        if let frame, let link = source.pointee.outputs?[0] {
            guard frame.fits(link) else {
                throw MediaError(.damaged, "filter", reason: "its pictures or its sound change their kind on the way")
            }
        }
        try check(av_buffersrc_add_frame(source, frame?.pointer), "filter")
    }

    /// Takes what a sink has ready; false: it needs more input, or the end was reached.
    func pull(from sink: Filter, into frame: Frame) throws(MediaError) -> Bool {
        frame.clear()
        let status = av_buffersink_get_frame(sink, frame.pointer)
        if status == YT_AVERROR_EAGAIN || status == YT_AVERROR_EOF { return false }
        try check(status, "filter")
        return true
    }

    /// Where sound of one kind comes in; its times are in samples.
    func addSoundSource(_ kind: SoundKind) throws(MediaError) -> Filter {
        try add(
            "abuffer",
            [
                "sample_rate": "\(kind.rate)", "sample_fmt": kind.formatName, "channel_layout": kind.layout,
                "time_base": "1/\(kind.rate)",
            ])
    }
}

extension Frame {
    /// Whether it is what a link between filters was made for. By pointer: FFmpeg's header declares more of it than there is.
    fileprivate func fits(_ link: UnsafeMutablePointer<AVFilterLink>) -> Bool {
        guard pointer.pointee.format == link.pointee.format else { return false }
        if link.pointee.type == AVMEDIA_TYPE_VIDEO {
            return pointer.pointee.width == link.pointee.w && pointer.pointee.height == link.pointee.h
        }
        return pointer.pointee.sample_rate == link.pointee.sample_rate
            && pointer.pointee.ch_layout.nb_channels == link.pointee.ch_layout.nb_channels
    }
}
