/// A part of a picture, in shares of its width and height: 0 is left or top, 1 right or bottom.
public struct Box: Sendable, Hashable, Codable {
    public var left: Double
    public var top: Double
    public var width: Double
    public var height: Double

    public init(left: Double, top: Double, width: Double, height: Double) {
        (self.left, self.top, self.width, self.height) = (left, top, width, height)
    }

    public static let whole = Box(left: 0, top: 0, width: 1, height: 1)

    public var right: Double { left + width }
    public var bottom: Double { top + height }

    /// Not empty, and nothing of it outside the picture (but for rounding).
    var isInside: Bool {
        let values = [left, top, width, height]
        return values.allSatisfy(\.isFinite) && width > 0 && height > 0 && left >= -1e-6 && top >= -1e-6
            && right <= 1 + 1e-6 && bottom <= 1 + 1e-6
    }

    func contains(_ other: Box) -> Bool {
        other.left >= left - 1e-6 && other.top >= top - 1e-6 && other.right <= right + 1e-6
            && other.bottom <= bottom + 1e-6
    }

    /// The box of `progress`, 0 to 1, of the way from this one to another.
    func mixed(with other: Box, _ progress: Double) -> Box {
        func mix(_ from: Double, _ to: Double) -> Double { from + (to - from) * progress }
        return Box(
            left: mix(left, other.left), top: mix(top, other.top), width: mix(width, other.width),
            height: mix(height, other.height))
    }

    /// The smallest box around both.
    func union(_ other: Box) -> Box {
        let (left, top) = (min(left, other.left), min(top, other.top))
        return Box(
            left: left, top: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
    }
}
