/// Writes a cut's titles and captions onto its frames. What is the same as on the frame before is not drawn again: libass
/// works when a word is lit, and hardly ever else. Belongs to one thread.
final class TextOverlay {
    private let titleWriter: TitleWriter
    private let captionWriter: CaptionWriter
    private let renderer: AssRenderer
    private let titles: TextCanvas
    private let captions: TextCanvas
    private var shownTitles: [TitleWriter.Moment] = []
    private var shownCaption: CaptionWriter.Moment?

    init(_ cut: Cut) throws(MediaError) {
        renderer = try AssRenderer(cut.size)
        titleWriter = TitleWriter(cut, renderer: renderer)
        captionWriter = CaptionWriter(cut, renderer: renderer)
        (titles, captions) = (TextCanvas(cut.size), TextCanvas(cut.size))
    }

    /// Writes what belongs onto frame `number` of the video.
    func write(on frame: Frame, number: Int) throws(MediaError) {
        let wanted = titleWriter.moments(at: number)
        if wanted != shownTitles {
            titles.clear()
            if !wanted.isEmpty {
                try draw(on: titles) { () throws(MediaError) in try titleWriter.script(for: wanted) }
            }
            shownTitles = wanted
        }
        let moment = captionWriter.moment(at: number)
        if moment != shownCaption {
            captions.clear()
            if let moment {
                try draw(on: captions) { () throws(MediaError) in try captionWriter.script(for: moment) }
            }
            shownCaption = moment
        }
        titles.lay(over: frame)
        captions.lay(over: frame)
    }

    /// Draws again without the characters that turn out to be in no font.
    private func draw(on canvas: TextCanvas, _ script: () throws(MediaError) -> AssScript) throws(MediaError) {
        let known = renderer.missing.count
        try canvas.draw(try script().text, with: renderer)
        if renderer.missing.count > known { try canvas.draw(try script().text, with: renderer) }
    }
}
