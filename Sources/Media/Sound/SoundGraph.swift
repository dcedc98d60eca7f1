import CFFmpeg
import Foundation

/// The narration on its way from file to encoder: 48 kHz, both ears alike, amplified by a constant and limited.
/// Frames of 1,024 samples come out, as AAC takes them.
final class SoundGraph {
    /// Samples a second, after the graph.
    static let rate = 48_000
    /// Samples in a frame of AAC-LC, and also how many its encoder puts before the first.
    static let frameLength = 1024

    struct Settings: Equatable {
        /// Decibels.
        var gain = 0.0
        /// Where the limiter holds the peaks, dBTP; nil: no limiter.
        var ceiling: Double?
        /// Seconds.
        var silenceBefore = 0.0
        var silenceAfter = 0.0
        /// Of the narration, for its fades; nil: no fades.
        var duration: Double?
        /// Attach loudness and true peak to the frames.
        var isMeasured = false
    }

    /// What was heard so far, without the silence before and after.
    private(set) var narrationSamples = 0
    private(set) var inputRate = SoundGraph.rate

    private let reader: FrameReader
    private let settings: Settings
    private let frame: Frame
    private var graph: (FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter)?
    private var pushed: Int64 = 0
    private var hasEnded = false

    init(_ path: String, _ settings: Settings, flag: CancellationFlag) throws(MediaError) {
        let file = try InputFile(path, flag: flag)
        guard let stream = file.stream(AVMEDIA_TYPE_AUDIO) else {
            throw MediaError(.damaged, "open narration", file: path, reason: "there is no sound in it")
        }
        reader = try FrameReader(file, stream)
        (self.settings, frame) = (settings, try Frame())
    }

    /// The next piece, whose time is in samples; false at the end.
    func next(into output: Frame) throws(MediaError) -> Bool {
        while true {
            if let graph {
                let isReady = try graph.0.pull(from: graph.sink, into: output)
                if isReady { return true }
            }
            if hasEnded { return false }
            if try reader.next(into: frame) {
                frame.nameChannels()
                let current: Graph
                if let graph { current = graph } else { current = try begin(with: frame) }
                narrationSamples += frame.sampleCount
                try push(frame, into: current)
            } else {
                hasEnded = true
                guard let current = graph else { return false }
                try pushSilence(settings.silenceAfter, into: current)
                try current.0.push(nil, into: current.source)
            }
        }
    }

    private typealias Graph = (FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter)

    private func push(_ frame: Frame, into graph: Graph) throws(MediaError) {
        frame.time = pushed
        pushed += Int64(frame.sampleCount)
        try graph.0.push(frame, into: graph.source)
    }

    private func pushSilence(_ seconds: Double, into graph: Graph) throws(MediaError) {
        var left = Int((seconds * Double(inputRate)).rounded())
        while left > 0 {
            let count = min(left, inputRate)
            try push(silence(count), into: graph)
            left -= count
        }
    }

    private var format: (sample: AVSampleFormat, layout: AVChannelLayout) = (AV_SAMPLE_FMT_S16, AVChannelLayout())

    private func silence(_ count: Int) throws(MediaError) -> Frame {
        try Frame(silence: count, format: format.sample, rate: Int32(inputRate), layout: format.layout)
    }

    /// The graph for the kind of sound that the first frame has.
    private func begin(with first: Frame) throws(MediaError) -> Graph {
        inputRate = Int(first.pointer.pointee.sample_rate)
        format = (AVSampleFormat(first.pointer.pointee.format), first.pointer.pointee.ch_layout)
        let graph = try FilterGraph()
        let source = try graph.addSoundSource(sample: format.sample, layout: format.layout, rate: inputRate)
        var filters = [
            source,
            try graph.add("aresample", ["osr": "\(Self.rate)"]),
            try graph.add(
                "aformat",
                ["sample_fmts": "fltp", "sample_rates": "\(Self.rate)", "channel_layouts": "mono"]),
        ]
        if let duration = settings.duration {
            let start = settings.silenceBefore
            filters.append(try graph.add("afade", ["type": "in", "start_time": "\(start)", "duration": "0.01"]))
            filters.append(
                try graph.add(
                    "afade", ["type": "out", "start_time": "\(start + max(0, duration - 0.03))", "duration": "0.03"]))
        }
        filters.append(try graph.add("pan", ["args": "stereo|c0=c0|c1=c0"]))
        filters.append(try graph.add("volume", ["volume": "\(settings.gain)dB"]))
        if let ceiling = settings.ceiling {
            // At four times the rate a sample peak is as good as the true peak (ITU-R BS.1770-4, annex 2).
            filters += [
                try graph.add("aresample", ["osr": "\(4 * Self.rate)"]),
                try graph.add(
                    "alimiter",
                    [
                        "limit": "\(min(1, pow(10, ceiling / 20)))", "attack": "5", "release": "60", "level": "0",
                        "latency": "1",
                    ]),
                try graph.add("aresample", ["osr": "\(Self.rate)"]),
            ]
        }
        filters.append(
            try graph.add(
                "aformat",
                ["sample_fmts": "fltp", "sample_rates": "\(Self.rate)", "channel_layouts": "stereo"]))
        if settings.isMeasured {
            filters.append(try graph.add("ebur128", ["metadata": "1", "peak": "true", "framelog": "verbose"]))
        }
        let sink = try graph.add("abuffersink")
        filters.append(sink)
        try graph.chain(filters)
        if !settings.isMeasured { av_buffersink_set_frame_size(sink, UInt32(Self.frameLength)) }
        let made = (graph, source: source, sink: sink)
        self.graph = made
        try pushSilence(settings.silenceBefore, into: made)
        return made
    }
}
