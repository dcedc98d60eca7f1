import CFFmpeg

/// What listening to a whole file shows.
enum SoundInspection {
    static func inspect(_ path: String, limits: MediaLimits, flag: CancellationFlag) throws(MediaError) -> LoudnessMeter
    {
        let file = try InputFile(path, limits: limits, flag: flag)
        var meter = LoudnessMeter()
        guard let stream = file.stream(AVMEDIA_TYPE_AUDIO) else { return meter }
        let (reader, frame, result) = (try FrameReader(file, stream), try Frame(), try Frame())
        var ear: Ear?
        do throws(MediaError) {
            while try reader.next(into: frame) {
                frame.nameChannels()
                let listening: Ear
                if let ear { listening = ear } else { listening = try Ear(for: SoundKind(frame)) }
                ear = listening
                try listening.hear(frame, result, &meter)
            }
            try ear?.hear(nil, result, &meter)
        } catch {
            throw error.about(path)
        }
        return meter
    }

    /// Hears all of a file as what its beginning is: a mean over two kinds of sound must be measured in one go.
    private final class Ear {
        private let converter: SoundConverter
        private let graph: FilterGraph
        private let (source, sink): (FilterGraph.Filter, FilterGraph.Filter)
        private let converted: Frame
        private var samples: Int64 = 0

        init(for kind: SoundKind) throws(MediaError) {
            (converter, converted) = (SoundConverter(to: kind), try Frame())
            graph = try FilterGraph()
            source = try graph.addSoundSource(kind)
            let filter = try graph.add("ebur128", ["metadata": "1", "peak": "true", "framelog": "verbose"])
            sink = try graph.add("abuffersink")
            try graph.chain([source, filter, sink])
        }

        /// Nil: no more follow.
        func hear(_ frame: Frame?, _ result: Frame, _ meter: inout LoudnessMeter) throws(MediaError) {
            frame?.time = YT_NOPTS_VALUE
            try converter.push(frame)
            while try converter.pull(into: converted) {
                converted.time = samples
                samples += Int64(converted.sampleCount)
                try graph.push(converted, into: source)
                try read(result, &meter)
            }
            guard frame == nil else { return }
            try graph.push(nil, into: source)
            try read(result, &meter)
        }

        private func read(_ result: Frame, _ meter: inout LoudnessMeter) throws(MediaError) {
            while try graph.pull(from: sink, into: result) { meter.read(result) }
        }
    }
}
