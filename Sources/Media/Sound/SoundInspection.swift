import CFFmpeg

/// What listening to a whole file shows.
enum SoundInspection {
    static func inspect(_ path: String, flag: CancellationFlag) throws(MediaError) -> LoudnessMeter {
        let file = try InputFile(path, flag: flag)
        var meter = LoudnessMeter()
        guard let stream = file.stream(AVMEDIA_TYPE_AUDIO) else { return meter }
        let (reader, frame, result) = (try FrameReader(file, stream), try Frame(), try Frame())
        var graph: (FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter)?
        while try reader.next(into: frame) {
            frame.nameChannels()
            if graph == nil { graph = try begin(with: frame) }
            guard let graph else { continue }
            try graph.0.push(frame, into: graph.source)
            while try graph.0.pull(from: graph.sink, into: result) { meter.read(result) }
        }
        if let graph {
            try graph.0.push(nil, into: graph.source)
            while try graph.0.pull(from: graph.sink, into: result) { meter.read(result) }
        }
        return meter
    }

    private static func begin(
        with frame: Frame
    ) throws(MediaError) -> (FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter) {
        let graph = try FilterGraph()
        let source = try graph.addSoundSource(
            sample: AVSampleFormat(frame.pointer.pointee.format), layout: frame.pointer.pointee.ch_layout,
            rate: Int(frame.pointer.pointee.sample_rate))
        let meter = try graph.add("ebur128", ["metadata": "1", "peak": "true", "framelog": "verbose"])
        let sink = try graph.add("abuffersink")
        try graph.chain([source, meter, sink])
        return (graph, source, sink)
    }
}
