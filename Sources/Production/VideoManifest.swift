/// What a finished video is: what a publisher and a feed must say of it. An artifact of the render stage, as JSON.
package struct VideoManifest: Sendable, Equatable, Codable {
    package var version: Int
    /// Pixels
    package var width: Int
    package var height: Int
    package var frames: Int
    /// Seconds
    package var duration: Double

    package init(width: Int, height: Int, frames: Int, duration: Double) {
        version = 1
        (self.width, self.height, self.frames, self.duration) = (width, height, frames, duration)
    }
}
