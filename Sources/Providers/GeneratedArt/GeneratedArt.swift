import Blocking
import DurableFiles
package import FoundationEssentials
package import Production

/// Draws a picture for each scene that has none, with nobody's help: no network, no model, no stock library.
///
/// There are eleven kinds of picture (`ArtFamily`), all in the palette's colours, all with a quiet, dark lower third in
/// which white captions can be read. Seeds that follow one another give different kinds. The same brief, palette, size
/// and seed give the same bytes, on the same kind of machine.
///
/// A brief's own picture (`PictureBrief.file`) is taken instead where there is such a file. It is copied as it is: so
/// what is written is then a PNG or a JPEG, of whatever size. A file that is neither is refused for good.
package actor GeneratedArt: Illustrator {
    package nonisolated let provider: ProviderName = "generated-art"

    private let executor = BlockingExecutor(label: "generated art")

    /// Pixels, for each side.
    static let sides = 16...8_192

    package init() {}

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// When cancelled, stops within a row of pixels, with nothing written.
    package func illustrate(
        _ brief: PictureBrief, palette: Palette, width: Int, height: Int, seed: UInt64, to file: URL
    ) async throws(StageFailure) {
        let asked = "draw a picture of \(width)×\(height) to \(file.plainPath)"
        guard Self.sides.contains(width), Self.sides.contains(height) else {
            throw StageFailure(
                .permanent, provider: provider, asked: asked,
                answer: "a side has \(Self.sides.lowerBound) to \(Self.sides.upperBound) pixels")
        }
        let folder = DurableFolder(existing: file.deletingLastPathComponent().plainPath)
        let name = file.lastPathComponent
        do {
            if let own = brief.file, let status = try FileStatus.of(own), status.isRegular {
                return try OwnPicture.copy(own, as: name, into: folder)
            }
            var dice = Dice(seed: seed, words: brief.about)
            let painting = Painting(
                Frame(width: width, height: height), family: ArtFamily(seed: seed), inks: Inks(palette), dice: &dice)
            let cancelled = Flag()
            let bytes = try await withTaskCancellationHandler {
                try painting.png(cancelled: cancelled)
            } onCancel: {
                cancelled.raise()
            }
            try folder.write(bytes, as: name, mode: 0o644)
        } catch let fault as PictureFault {
            throw StageFailure(.permanent, provider: provider, asked: asked, answer: fault.reason)
        } catch is CancellationError {
            throw StageFailure(.transient(), provider: provider, asked: asked, answer: "cancelled; nothing was written")
        } catch {
            throw StageFailure(.transient(), provider: provider, asked: asked, answer: "\(error)")
        }
    }
}
