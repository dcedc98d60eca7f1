package import Media

/// Something to look at.
package enum Footage: Sendable, Equatable {
    case still(Still)
    case film(Film)
}

package struct Still: Sendable, Equatable {
    package var file: String
    /// Pixels
    package var width: Int
    package var height: Int
    /// What must stay in sight, a face for example; nil where nobody knows.
    package var focus: Box?

    package init(file: String, width: Int, height: Int, focus: Box? = nil) {
        (self.file, self.width, self.height, self.focus) = (file, width, height, focus)
    }
}

package struct Film: Sendable, Equatable {
    package var file: String
    /// Pixels, as it is to be seen: after its rotation.
    package var width: Int
    package var height: Int
    /// Seconds
    package var duration: Double
    package var frameRate: Double
    package var hasSound: Bool

    package init(file: String, width: Int, height: Int, duration: Double, frameRate: Double, hasSound: Bool) {
        (self.file, self.width, self.height, self.duration) = (file, width, height, duration)
        (self.frameRate, self.hasSound) = (frameRate, hasSound)
    }
}
