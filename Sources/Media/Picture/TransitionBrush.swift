import CSampling

/// Mixes the frame that comes into the one that goes.
struct TransitionBrush {
    let kind: Transition.Kind
    /// 0 to 1, eased.
    let progress: Double

    /// Width of a wipe's soft edge, in shares of the frame's.
    private static let softness = 0.22

    func mix(_ new: Frame, into frame: Frame) {
        for index in 0..<3 {
            guard let source = new.plane(index), let target = frame.plane(index) else { continue }
            switch kind {
            case .cut, .dip, .dissolve:
                yt_blend(
                    target.samples, target.stride, source.samples, source.stride, Int32(target.width),
                    Int32(target.height), Int32((progress * 256).rounded()))
            case .wipe:
                yt_blend_columns(
                    target.samples, target.stride, source.samples, source.stride, Int32(target.width),
                    Int32(target.height), wipe(target.width))
            case .push: push(source, onto: target)
            }
        }
    }

    /// How much of the new one each column shows, in 1/256.
    private func wipe(_ width: Int) -> [UInt16] {
        let edge = progress * (1 + Self.softness)
        return (0..<width).map { column in
            let place = (Double(column) + 0.5) / Double(width)
            return UInt16((256 * ((edge - place) / Self.softness).eased).rounded())
        }
    }

    private func push(_ source: Frame.Plane, onto target: Frame.Plane) {
        let moved = Int((progress * Double(target.width)).rounded())
        for line in 0..<target.height {
            let row = target.samples + line * target.stride
            row.update(from: row + moved, count: target.width - moved)
            (row + target.width - moved).update(from: source.samples + line * source.stride, count: moved)
        }
    }
}
