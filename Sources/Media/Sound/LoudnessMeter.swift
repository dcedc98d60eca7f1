import CFFmpeg
import Foundation

/// Reads what the filter `ebur128` attaches to each frame; the last one counts.
struct LoudnessMeter {
    /// LUFS; nil for silence, or less than 0.4 seconds.
    private(set) var integrated: Double?
    /// dBTP of the louder channel.
    private(set) var truePeak: Double?

    mutating func read(_ frame: Frame) {
        if let value = frame.metadata("lavfi.r128.I").flatMap(Double.init) {
            integrated = value.isFinite && value > -69 ? value : nil
        }
        let peaks = ["lavfi.r128.true_peaks_ch0", "lavfi.r128.true_peaks_ch1"].compactMap {
            frame.metadata($0).flatMap(Double.init)
        }
        // The metadata has them as amplitudes.
        if let peak = peaks.max(), peak > 0 { truePeak = 20 * log10(peak) }
    }
}

/// Says how loud the blocks are that it is shown, by EBU R 128.
final class LoudnessGauge {
    private let graph: FilterGraph
    private let (source, sink): (FilterGraph.Filter, FilterGraph.Filter)
    private var meter = LoudnessMeter()
    private let result: Frame
    private var samples = 0

    /// Shorter sounds have no loudness of their own: they are measured with silence after them.
    private static let least = StereoBlock.rate / 2

    init() throws(MediaError) {
        (graph, result) = (try FilterGraph(), try Frame())
        source = try graph.addStereoSource()
        sink = try graph.add("abuffersink")
        // True peaks would take three times as long: `TruePeak` finds them.
        let meter = try graph.add("ebur128", ["metadata": "1", "framelog": "verbose"])
        try graph.chain([source, meter, sink])
    }

    func hear(_ block: StereoBlock, count: Int = StereoBlock.length) throws(MediaError) {
        guard count > 0 else { return }
        try graph.push(Frame(block, count: count, time: samples), into: source)
        samples += count
        while try graph.pull(from: sink, into: result) { meter.read(result) }
    }

    /// LUFS of all that was heard; nil for silence. Nothing may be heard afterwards.
    func integrated() throws(MediaError) -> Double? {
        let silence = StereoBlock()
        while samples < Self.least { try hear(silence) }
        try graph.push(nil, into: source)
        while try graph.pull(from: sink, into: result) { meter.read(result) }
        return meter.integrated
    }
}

extension FilterGraph {
    /// Where blocks come in.
    func addStereoSource() throws(MediaError) -> Filter {
        try add(
            "abuffer",
            [
                "sample_rate": "\(StereoBlock.rate)", "sample_fmt": "fltp", "channel_layout": "stereo",
                "time_base": "1/\(StereoBlock.rate)",
            ])
    }
}

extension Frame {
    /// A copy of the block's first samples.
    convenience init(_ block: StereoBlock, count: Int = StereoBlock.length, time: Int) throws(MediaError) {
        try self.init()
        pointer.pointee.nb_samples = Int32(count)
        pointer.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        pointer.pointee.sample_rate = Int32(StereoBlock.rate)
        av_channel_layout_default(&pointer.pointee.ch_layout, 2)
        try check(av_frame_get_buffer(pointer, 0), "allocate sound")
        pointer.pointee.pts = Int64(time)
        let bytes = count * MemoryLayout<Float>.size
        if let left = pointer.pointee.data.0, let right = pointer.pointee.data.1 {
            memcpy(left, block.left, bytes)
            memcpy(right, block.right, bytes)
        }
    }
}

extension StereoBlock {
    /// Takes the samples of a frame of the same kind, at most a block's, and silence after them.
    func copy(_ frame: Frame) {
        let count = min(frame.sampleCount, Self.length)
        if let left = frame.pointer.pointee.data.0, let right = frame.pointer.pointee.data.1 {
            memcpy(self.left, left, count * MemoryLayout<Float>.size)
            memcpy(self.right, right, count * MemoryLayout<Float>.size)
        }
        (left + count).update(repeating: 0, count: Self.length - count)
        (right + count).update(repeating: 0, count: Self.length - count)
    }
}
