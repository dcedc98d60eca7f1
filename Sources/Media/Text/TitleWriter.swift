/// Writes titles: which are to be seen at a frame, how far they have come in or gone out, and what that looks like.
final class TitleWriter {
    /// A title on its way. Frames with the same are equal.
    struct Moment: Hashable {
        var title: Int
        /// 0 (not there yet, or gone) to ``TitleWriter/steps``: it stands.
        var step: Int
        var isLeaving: Bool
    }

    static let steps = 12

    private let cut: Cut
    private let renderer: AssRenderer
    /// Pixels of a design whose shorter side is 1080.
    private let unit: Double
    private var blocks: [Int: TitleBlock] = [:]

    init(_ cut: Cut, renderer: AssRenderer) {
        (self.cut, self.renderer) = (cut, renderer)
        unit = Double(min(cut.size.width, cut.size.height)) / 1080
    }

    /// Seconds that it takes to come and to go.
    private static let (arrival, leave) = (0.4, 0.3)

    func moments(at frame: Int) -> [Moment] {
        cut.titles.indices.compactMap { index in
            let title = cut.titles[index]
            guard title.frames.contains(frame), !title.text.allSatisfy(\.isWhitespace) else { return nil }
            // What is on the screen for a moment spends no more than half of it on coming and going.
            let length = Double(title.frames.count) / Double(cut.frameRate)
            let haste = max(1, (Self.arrival + Self.leave) / (0.5 * length))
            let passed = (Double(frame - title.frames.lowerBound) + 0.5) / Double(cut.frameRate)
            let left = length - passed
            let (come, gone) = (passed / Self.arrival * haste, left / Self.leave * haste)
            let step = Int((Double(Self.steps) * min(1, come, gone)).rounded(.up))
            return Moment(title: index, step: step, isLeaving: gone < 1 && step < Self.steps)
        }
    }

    func script(for moments: [Moment]) throws(MediaError) -> AssScript {
        var script = AssScript(cut.size, typeface: cut.typeface)
        for moment in moments {
            let block: TitleBlock
            if let known = blocks[moment.title] {
                block = known
            } else {
                block = try TitleBlock(cut.titles[moment.title], of: cut, unit: unit, renderer: renderer)
                blocks[moment.title] = block
            }
            let share = (Double(moment.step) / Double(Self.steps)).eased
            block.write(to: &script, share: share, isLeaving: moment.isLeaving)
        }
        return script
    }
}
