import Media
import Production

/// When what is told happens in the video: the narration's clock, moved by what comes before it, counted in frames.
struct Timeline {
    /// Seconds of picture before the first word and after the last one.
    static let leadIn = 0.5
    static let tail = 1.2

    /// A moment at which nobody speaks, or at which a word gives way to the next one: a place to change the picture.
    struct Rest: Equatable {
        /// The frame in its middle.
        var frame: Int
        /// How many frames on each side of it nobody speaks.
        var room: Int
        /// Before it a sentence ends.
        var endsSentence: Bool
    }

    let frameRate: Int
    /// Frames of the films before and after the story.
    let introFrames: Int
    let outroFrames: Int
    /// Frames of each scene of the story, without a gap.
    let scenes: [Range<Int>]
    /// Into each scene but the first one, from the one before it.
    let changes: [Rest]
    /// Within each scene, between its words.
    let rests: [[Rest]]
    /// Each word in seconds of the video.
    let words: [TimedWord]
    /// When the narration's sound begins, in seconds of the video.
    let narrationStart: Double

    init(_ narration: Narration, frameRate: Int, introFrames: Int, outroFrames: Int) {
        (self.frameRate, self.introFrames, self.outroFrames) = (frameRate, introFrames, outroFrames)
        let begin = Double(introFrames) / Double(frameRate) + Self.leadIn
        narrationStart = begin
        words = narration.words.map { TimedWord($0.text, start: $0.start + begin, end: $0.end + begin) }
        func rest(_ end: Double, _ start: Double, endsSentence: Bool = true) -> Rest {
            let (end, start) = ((end + begin) * Double(frameRate), (start + begin) * Double(frameRate))
            let frame = Int(((end + start) / 2).rounded())
            return Rest(
                frame: frame, room: max(0, Int(min(Double(frame) - end, start - Double(frame)))),
                endsSentence: endsSentence)
        }

        // A scene changes in the middle of the pause between its words and the next scene's.
        var changes = zip(narration.scenes, narration.scenes.dropFirst()).map { rest($0.end, $1.start) }
        var starts = [introFrames]
        for index in changes.indices {
            if let start = starts.last, changes[index].frame <= start {
                changes[index] = Rest(frame: start + 1, room: 0, endsSentence: false)
            }
            starts.append(changes[index].frame)
        }
        let last =
            introFrames
            + Cut.frameCount(
                seconds: Self.leadIn + narration.duration + Self.tail, frameRate: frameRate)
        let ends = starts.dropFirst() + [max(last, (starts.last ?? 0) + 1)]
        self.changes = changes
        scenes = zip(starts, ends).map { $0..<$1 }

        var rests = [[Rest]](repeating: [], count: scenes.count)
        for (word, next) in zip(narration.words, narration.words.dropFirst())
        where word.scene == next.scene && rests.indices.contains(word.scene) {
            rests[word.scene].append(rest(word.end, next.start, endsSentence: word.text.endsSentence))
        }
        self.rests = rests
    }

    /// Where the story ends and the outro begins.
    var storyEnd: Int { scenes.last?.upperBound ?? introFrames }

    func frames(_ seconds: Double) -> Int { Int((seconds * Double(frameRate)).rounded()) }

    func seconds(_ frame: Int) -> Double { Double(frame) / Double(frameRate) }
}

extension String {
    /// Its last character, passing over closing quotes and brackets, ends a sentence.
    fileprivate var endsSentence: Bool {
        reversed().first { !"\"'”’»«“)]}*_".contains($0) }.map { ".?!…。！？؟।۔".contains($0) } ?? false
    }
}
