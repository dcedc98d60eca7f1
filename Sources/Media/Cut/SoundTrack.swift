/// All that is heard. Narration and films are first brought to one loudness each, whatever their files have; the whole mix then to
/// -14 LUFS, with no peak above -1 dBTP once it is encoded.
public struct SoundTrack: Sendable, Hashable, Codable {
    /// A sound file that FFmpeg decodes, or the sound of a film.
    public struct Part: Sendable, Hashable, Codable {
        public var file: String
        /// When it begins, in seconds of the video.
        public var start: Double
        /// What is heard of it, in seconds of the file; nil: all of it.
        public var part: Range<Double>?
        /// Decibels above the loudness to which all parts are brought.
        public var gain: Double

        public init(file: String, start: Double, part: Range<Double>? = nil, gain: Double = 0) {
            (self.file, self.start, self.part, self.gain) = (file, start, part, gain)
        }
    }

    /// What plays under the voice, for the whole video; it gives way to the voice and fades at both ends.
    public struct Music: Sendable, Hashable, Codable {
        public enum Source: Sendable, Hashable, Codable {
            /// A sound file that FFmpeg decodes, with a second of sound at least. It begins again where it is shorter than the
            /// video, its end and its beginning heard together for two seconds; silence at its ends is left out.
            case file(String)
            /// An original piece, composed from the seed for the video's length: it ends when the video does. The same seed, mood
            /// and length, the same piece.
            case composed(seed: UInt64, mood: Mood)
        }

        public enum Mood: String, Sendable, Hashable, Codable, CaseIterable { case calm, bright, curious, solemn }

        public var source: Source
        /// Its loudness below the narration's where nobody speaks, in LU; negative is below. Under the voice it is lower still.
        public var level: Double

        public init(_ source: Source, level: Double = -14) { (self.source, self.level) = (source, level) }
    }

    /// Of any kind, mono or not; nil: nobody speaks. What is longer than the video is cut off with it.
    public var narration: Part?
    public var music: Music?
    /// The own sound of films: intro, outro. The music gives way to it as to the voice.
    public var others: [Part]

    public init(narration: Part?, music: Music? = nil, others: [Part] = []) {
        (self.narration, self.music, self.others) = (narration, music, others)
    }
}
