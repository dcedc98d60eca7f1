import CFFmpeg
import CSampling

/// Draws frames of a video's picture, any of them: shots, transitions, the logo, the shade behind words, the progress line and
/// what is written. Belongs to one thread.
final class FrameComposer {
    private let cut: Cut
    private let shelf: ShotShelf
    private let shade: Shade
    private let pool: FramePool
    private let overlay: TextOverlay
    private let logo: LogoMark?
    private let brush = Brush()

    init(_ cut: Cut, shelf: ShotShelf) throws(MediaError) {
        (self.cut, self.shelf) = (cut, shelf)
        shade = Shade(cut)
        pool = try FramePool(cut.size)
        logo = try shelf.logo()
        overlay = try TextOverlay(cut)
    }

    /// Frame `number` of the video. Its time is its number.
    func frame(_ number: Int) throws(MediaError) -> Frame {
        let frame = try pool.frame()
        try compose(number, into: frame)
        brush.finishFrame()
        shade.apply(to: frame, number: number)
        logo?.lay(over: frame, share: 1 - shade.fadeDepth(at: number))
        try overlay.write(on: frame, number: number)
        frame.time = Int64(number)
        return frame
    }

    private func compose(_ number: Int, into frame: Frame) throws(MediaError) {
        let index = shot(at: number)
        let (before, after) = (half(into: index), half(into: index + 1))
        let frames = cut.shots[index].frames
        if number < frames.lowerBound + before {
            try mix(index - 1, index, at: number, into: frame)
        } else if number >= frames.upperBound - after {
            try mix(index, index + 1, at: number, into: frame)
        } else {
            try draw(index, at: number, into: frame)
        }
    }

    /// A frame of the transition from shot `old` to shot `new`.
    private func mix(_ old: Int, _ new: Int, at number: Int, into frame: Frame) throws(MediaError) {
        let half = half(into: new)
        let begin = cut.shots[new].frames.lowerBound - half
        let progress = (Double(number - begin) + 0.5) / Double(2 * half)
        let kind = cut.shots[new].transition.kind
        if kind == .dip {
            try draw(progress < 0.5 ? old : new, at: number, into: frame)
            shade.dim(frame, by: 1 - abs(2 * progress - 1).eased)
            return
        }
        try draw(old, at: number, into: frame)
        let other = try pool.frame()
        try draw(new, at: number, into: other)
        TransitionBrush(kind: kind, progress: progress.eased).mix(other, into: frame)
    }

    private func draw(_ index: Int, at number: Int, into frame: Frame) throws(MediaError) {
        let frames = cut.shots[index].frames
        let first = frames.lowerBound - half(into: index)
        let length = frames.upperBound + half(into: index + 1) - first
        let moment = ShotMoment(
            seconds: Double(number - first) / Double(cut.frameRate), progress: Double(number - first) / Double(length))
        try shelf.picture(of: index).draw(at: moment, into: frame, with: brush)
    }

    /// Frames of the transition into shot `index` on each side of the cut.
    private func half(into index: Int) -> Int {
        index > 0 && index < cut.shots.count ? cut.shots[index].transition.frames / 2 : 0
    }

    private func shot(at number: Int) -> Int {
        // The last one that has begun.
        var (low, high) = (0, cut.shots.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if cut.shots[middle].frames.lowerBound <= number { low = middle } else { high = middle }
        }
        return low
    }
}

extension Double {
    /// 0 to 1 becomes 0 to 1, slow at both ends.
    var eased: Double {
        let share = min(max(self, 0), 1)
        return share * share * (3 - 2 * share)
    }
}
