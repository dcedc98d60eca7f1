import Production

/// Whether a picture of some size does for a frame.
enum Coverage {
    /// The smallest of the sizes that fills the frame without being enlarged; where none does, the largest, unless it would have to
    /// be enlarged to more than twice its size; nil if there is nothing left.
    static func smallest<Size>(
        of sizes: [Size], covering width: Int, _ height: Int, by measure: (Size) -> (width: Int, height: Int)
    ) -> Size? {
        func pixels(_ size: Size) -> Int { measure(size).width * measure(size).height }
        let enough = sizes.filter { share(of: measure($0), covering: width, height) >= 1 }
        if let best = enough.min(by: { pixels($0) < pixels($1) }) { return best }
        guard let largest = sizes.max(by: { pixels($0) < pixels($1) }),
            share(of: measure(largest), covering: width, height) >= 0.5
        else { return nil }
        return largest
    }

    /// 1: it fills the frame as it is; 0.5: it has to be enlarged to twice its size.
    static func share(of size: (width: Int, height: Int), covering width: Int, _ height: Int) -> Double {
        min(Double(size.width) / Double(max(1, width)), Double(size.height) / Double(max(1, height)))
    }

    /// Less than two fifths of it are lost when it fills the frame: beyond that the editor would show it whole, between bars.
    static func fits(_ size: (width: Int, height: Int), in width: Int, _ height: Int) -> Bool {
        guard size.width > 0, size.height > 0, width > 0, height > 0 else { return false }
        let (theirs, ours) = (Double(size.width) / Double(size.height), Double(width) / Double(height))
        return max(theirs / ours, ours / theirs) <= 1 / 0.6
    }

    /// What a picture of this size becomes in a box, never enlarged.
    static func fitted(_ size: (width: Int, height: Int), into box: (width: Int, height: Int))
        -> (width: Int, height: Int)
    {
        let scale = min(
            1, Double(box.width) / Double(max(1, size.width)), Double(box.height) / Double(max(1, size.height)))
        return (max(1, Int(Double(size.width) * scale)), max(1, Int(Double(size.height) * scale)))
    }
}
