import FoundationEssentials
import Media
import Production

/// Looks whether a file is what its library said: what a server calls a film may be anything.
enum StockCheck {
    /// Answers the item with the file's true size and length.
    ///
    /// - Throws: `MediaError` where it can't be read as what it should be; `StockFault` where it is something else.
    static func look(at path: String, for item: StockItem) async throws -> StockItem {
        // Of a photo all of it is looked at: one that breaks off in the middle has a whole head. A film would take too long; one
        // that turns out to be damaged later is left out then.
        let probe = try await MediaProbe.probe(path, depth: item.name.kind == .photo ? .everything : .headers)
        guard let video = probe.video, video.shownWidth > 0, video.shownHeight > 0 else {
            throw StockFault("there is no picture in it")
        }
        // Formats of single pictures are FFmpeg's pipes.
        let isFilm = !probe.container.hasSuffix("_pipe") && probe.duration >= 0.2
        guard isFilm == (item.name.kind == .film) else {
            throw StockFault("it is a \(isFilm ? "film" : "picture") (\(probe.container))")
        }
        guard try await FileEnd(path).isWholeIfJPEG() else { throw StockFault("it breaks off: a JPEG without its end") }
        let (found, said) = ((video.shownWidth, video.shownHeight), (item.width, item.height))
        guard Double(max(found.0, found.1)) >= 0.75 * Double(max(said.0, said.1)),
            Double(min(found.0, found.1)) >= 0.75 * Double(min(said.0, said.1))
        else { throw StockFault("it has \(found.0)×\(found.1) pixels instead of \(said.0)×\(said.1)") }
        var item = item
        if let said = item.duration {
            guard probe.duration >= said * 0.75 else {
                throw StockFault("it lasts \(probe.duration) s instead of \(said) s")
            }
            item.duration = probe.duration
        }
        return item
    }
}

/// Why a file is not what it should be.
struct StockFault: Error, CustomStringConvertible {
    let description: String

    init(_ reason: String) { description = reason }
}
