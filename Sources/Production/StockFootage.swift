package import FoundationEssentials

/// What a scene wants to show at one place, for whoever looks for it in a stock library.
package struct StockWish: Sendable, Equatable {
    package let place: StockPlace
    /// Of `PictureBrief.about`.
    package let about: String
    /// The scene's heading, then what the channel is about: looked for when there is nothing for the words above.
    package let widening: [String]
    /// BCP 47
    package let language: String
    package let orientation: Channel.Orientation
    /// Pixels of the video.
    package let width: Int
    package let height: Int
    /// How long it will be seen.
    package let seconds: Double
    /// Of the video's first scene, its last, or another.
    package let scene: Storyboard.Scene.Kind
    package let seed: UInt64

    package init(
        place: StockPlace, about: String, widening: [String], language: String, orientation: Channel.Orientation,
        width: Int, height: Int, seconds: Double, scene: Storyboard.Scene.Kind, seed: UInt64
    ) {
        (self.place, self.about, self.widening, self.language) = (place, about, widening, language)
        (self.orientation, self.width, self.height, self.seconds) = (orientation, width, height, seconds)
        (self.scene, self.seed) = (scene, seed)
    }
}

/// Finds stock for one video. It never fails a video: what can't be found or had is not there, and is told in the notes.
package protocol StockFootage: Sendable {
    /// A local file for the place, or nil for nothing. It stays for as long as the job is unfinished.
    ///
    /// - Throws: `CancellationError`, and nothing else.
    func find(_ wish: StockWish) async throws -> (use: StockUse, file: URL)?

    /// What was found turned out to be no good, late: it is forgotten, and not found again for this video.
    func refuse(_ use: StockUse, because reason: String) async throws

    /// How often libraries were asked and what was had without asking, and what went wrong, in words.
    var notes: [String: String] { get async }
}
