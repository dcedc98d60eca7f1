/// What a finished video is: what a publisher and a feed must say of it. An artifact of the render stage, as JSON.
package struct VideoManifest: Sendable, Equatable, Codable {
    package struct Chapter: Sendable, Equatable, Codable {
        /// Seconds of the video.
        package var start: Double
        package var title: String

        package init(start: Double, title: String) { (self.start, self.title) = (start, title) }

        /// `1:05`, `1:01:05`
        package var clock: String {
            let seconds = Int(start)
            func two(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
            return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(seconds % 60))"
        }
    }

    package var version: Int
    /// Pixels
    package var width: Int
    package var height: Int
    package var frames: Int
    /// Seconds
    package var duration: Double
    /// Places to jump to; nil where the video has none.
    package var chapters: [Chapter]?
    /// What of stock libraries is shown, and where; nil where nothing is.
    package var stock: [StockUse]?

    package init(
        width: Int, height: Int, frames: Int, duration: Double, chapters: [Chapter] = [], stock: [StockUse] = []
    ) {
        version = 1
        self.chapters = chapters.isEmpty ? nil : chapters
        self.stock = stock.isEmpty ? nil : stock
        (self.width, self.height, self.frames, self.duration) = (width, height, frames, duration)
    }

    /// Lines that name those whose work is shown.
    package var credits: [String] { StockItem.credits((stock ?? []).map(\.item)) }
}
