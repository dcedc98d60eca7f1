import CFFmpeg

/// What the samples of a piece of sound are.
struct SoundKind: Equatable {
    let format: Int32
    let rate: Int
    /// FFmpeg's description of its channels: `mono`, `5.1(side)`.
    let layout: String

    /// As the mix takes it.
    static let stereo = SoundKind(format: AV_SAMPLE_FMT_FLTP.rawValue, rate: StereoBlock.rate, layout: "stereo")

    private init(format: Int32, rate: Int, layout: String) {
        (self.format, self.rate, self.layout) = (format, rate, layout)
    }

    /// Of a frame whose channels have names.
    init(_ frame: Frame) throws(MediaError) {
        guard frame.pointer.pointee.sample_rate > 0, frame.pointer.pointee.ch_layout.nb_channels > 0 else {
            throw MediaError(.damaged, "decode", reason: "a frame of it has no channels")
        }
        var name = [CChar](repeating: 0, count: 128)
        try check(
            av_channel_layout_describe(&frame.pointer.pointee.ch_layout, &name, name.count), "describe channels")
        self.init(
            format: frame.pointer.pointee.format, rate: Int(frame.pointer.pointee.sample_rate),
            layout: String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    var formatName: String { av_get_sample_fmt_name(AVSampleFormat(format)).map { String(cString: $0) } ?? "none" }
}

/// Brings sound to one kind, whatever it is: a stream may become another in its middle, a broadcast from mono to stereo, or
/// recordings put one after the other.
final class SoundConverter {
    private typealias Chain = (graph: FilterGraph, source: FilterGraph.Filter, sink: FilterGraph.Filter)

    private let target: SoundKind
    /// The first one is asked first. Of those before the last no more is to come than they still hold.
    private var chains: [Chain] = []
    private var kind: SoundKind?

    init(to target: SoundKind) { self.target = target }

    /// Samples a second of what was pushed last; nil: nothing was.
    var rate: Int? { kind?.rate }

    /// Takes the frame's samples over. Its time is in samples, at its own rate; nil: no more follow.
    func push(_ frame: Frame?) throws(MediaError) {
        if let frame {
            let found = try SoundKind(frame)
            if found != kind {
                if let last = chains.last { try last.graph.push(nil, into: last.source) }
                chains.append(try chain(from: found))
                kind = found
            }
        }
        if let last = chains.last { try last.graph.push(frame, into: last.source) }
    }

    /// Takes what is ready, its time in samples at the target's rate; false: it needs more, or the end was reached.
    func pull(into frame: Frame) throws(MediaError) -> Bool {
        while let first = chains.first {
            if try first.graph.pull(from: first.sink, into: frame) { return true }
            if chains.count == 1 { return false }
            chains.removeFirst()
        }
        return false
    }

    private func chain(from kind: SoundKind) throws(MediaError) -> Chain {
        let graph = try FilterGraph()
        let source = try graph.addSoundSource(kind)
        let resampler = try graph.add("aresample", ["osr": "\(target.rate)"])
        let format = try graph.add(
            "aformat",
            [
                "sample_fmts": target.formatName, "sample_rates": "\(target.rate)", "channel_layouts": target.layout,
            ])
        let sink = try graph.add("abuffersink")
        try graph.chain([source, resampler, format, sink])
        return (graph, source, sink)
    }
}
