/// How much a media file may ask for. Files come from strangers: a header of a few bytes can promise a picture of gigabytes or
/// a film without an end. What goes beyond a limit is refused by name instead of filling the machine.
public struct MediaLimits: Sendable, Hashable {
    /// Pixels of a single picture: 100 megapixels, more than any camera of a creator takes; 400 MB when decoded.
    public var stillPixels = 100_000_000
    /// Pixels of a film's frame: 8192 × 4320, the largest that H.264 and HEVC know (level 6.2). A decoder keeps up to 16.
    public var filmPixels = 8192 * 4320
    /// Seconds that a film or a sound may claim to last: 12 hours, as long as a video on YouTube may be.
    public var duration = 12.0 * 3600
    /// Streams in one file; a phone's film has up to 8, a film with subtitles in many languages some 40.
    public var streams = 64
    /// Bytes of a file: 64 GB, an hour of ProRes.
    public var bytes: Int64 = 64 << 30
    /// Bytes of one packet, a frame of 8K without compression.
    public var packetBytes = 256 << 20
    /// Bytes read to find out what a file is.
    public var probeBytes = 8 << 20
    /// Seconds of a file read to find out about its streams.
    public var probeSeconds = 5.0
    /// Seconds spent inside FFmpeg on one file: to open it and for what is not film or sound that passes...
    public var patience = 60.0
    /// ... and so many more for each second of film or sound that has passed.
    public var patienceForEachSecond = 20.0
    /// The share of a film's packets that may fail to decode. Damage in fewer is concealed or skipped; a file with more, and
    /// with more than ``spareFaults``, counts as damaged.
    public var damage = 0.1
    /// Packets that may fail to decode however short a film is.
    public var spareFaults = 8

    public init() {}
}
