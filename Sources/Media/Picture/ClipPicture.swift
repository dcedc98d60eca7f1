/// A part of a film. Holds no frame: whoever draws it opens the film for itself, because each wants other seconds of it at the same
/// time.
final class ClipPicture: ShotPicture {
    private let clip: Clip
    private let size: FrameSize
    private let limits: MediaLimits
    private let threads: Int
    private let flag: CancellationFlag

    /// - Parameter threads: of each decoder.
    init(_ clip: Clip, size: FrameSize, limits: MediaLimits, threads: Int, flag: CancellationFlag) {
        (self.clip, self.size, self.limits, self.threads, self.flag) = (clip, size, limits, threads, flag)
    }

    func draw(at moment: ShotMoment, into frame: Frame, with brush: Brush) throws(MediaError) {
        let film = try brush.film(of: self) { () throws(MediaError) in
            OpenClip(
                try FilmReader(clip.file, limits: limits, threads: threads, flag: flag), size: size,
                framing: clip.framing)
        }
        // The frame at the part's end is no longer of the part.
        let last = max(clip.part.lowerBound, clip.part.upperBound - Self.beforeTheEnd)
        do {
            try film.draw(at: min(clip.time(at: moment.seconds), last), into: frame)
        } catch {
            throw error.about(clip.file)
        }
    }

    /// Seconds; less than any frame takes, more than times are rounded by.
    private static let beforeTheEnd = 0.008
}

/// A film that one thread draws: its decoder, what converts its frames, and the last one converted.
final class OpenClip {
    private let film: FilmReader
    private let size: FrameSize
    private let framing: Clip.Framing
    private var front: FilmConverter?
    private var backdrop: FilmConverter?
    private var frontShape: (width: Int, height: Int)?
    private var shown: (frame: Frame, front: Frame, backdrop: Frame?)?

    init(_ film: FilmReader, size: FrameSize, framing: Clip.Framing) {
        (self.film, self.size, self.framing) = (film, size, framing)
    }

    func draw(at seconds: Double, into target: Frame) throws(MediaError) {
        let frame = try film.frame(at: seconds)
        if shown?.frame !== frame { shown = try convert(frame) }
        guard let shown else { return }
        if let backdrop = shown.backdrop { target.copy(backdrop, atX: 0, y: 0) }
        target.copy(
            shown.front, atX: (size.width - shown.front.width) / 4 * 2, y: (size.height - shown.front.height) / 4 * 2)
    }

    private func convert(_ frame: Frame) throws(MediaError) -> (frame: Frame, front: Frame, backdrop: Frame?) {
        let fitted = framing == .fit ? fittedSize(of: frame) : (size.width, size.height)
        if frontShape.map({ $0 != fitted }) ?? true {
            front = FilmConverter(width: fitted.0, height: fitted.1, orientation: film.orientation)
            frontShape = fitted
        }
        var behind: Frame?
        if fitted != (size.width, size.height) {
            let converter =
                backdrop
                ?? FilmConverter(
                    width: size.width, height: size.height, orientation: film.orientation, finish: .backdrop)
            backdrop = converter
            behind = try converter.convert(frame)
        }
        return (frame, try front?.convert(frame) ?? frame, behind)
    }

    /// All of it within the frame; where nearly nothing would be left free, all of the frame.
    private func fittedSize(of frame: Frame) -> (Int, Int) {
        let kind = PictureKind(frame)
        var (width, height) = (Double(kind.width) * kind.pixelAspect, Double(kind.height))
        if film.orientation.isTransposed { (width, height) = (height, width) }
        let scale = min(Double(size.width) / width, Double(size.height) / height)
        func even(_ side: Double, _ most: Int) -> Int {
            let fitted = max(2, min(Int((side * scale / 2).rounded()) * 2, most))
            return Double(fitted) > 0.98 * Double(most) ? most : fitted
        }
        return (even(width, size.width), even(height, size.height))
    }
}

extension Frame {
    /// Puts all of a 4:2:0 picture into this one, its upper left corner at an even place.
    fileprivate func copy(_ picture: Frame, atX x: Int, y: Int) {
        for index in 0..<3 {
            guard let source = picture.plane(index), let target = plane(index) else { continue }
            let (left, top) = index == 0 ? (x, y) : (x / 2, y / 2)
            let width = min(source.width, target.width - left)
            for line in 0..<min(source.height, target.height - top) {
                (target.samples + (top + line) * target.stride + left).update(
                    from: source.samples + line * source.stride, count: width)
            }
        }
    }
}
