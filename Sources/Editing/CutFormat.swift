package import Media
package import Production

/// What a video is made for: its shape, how many pictures a second, how it is compressed.
package struct CutFormat: Sendable, Equatable {
    package var size: FrameSize
    package var frameRate: Int
    package var encoding: VideoEncoding

    /// Nil if there is no such frame.
    ///
    /// - Parameter shortSide: pixels, even; 1080 makes 1920×1080, 1080×1920 and 1080×1080.
    package init?(
        _ orientation: Channel.Orientation, shortSide: Int = 1080, frameRate: Int = 30,
        encoding: VideoEncoding = VideoEncoding()
    ) {
        let long = (shortSide * 16 / 9 + 1) / 2 * 2
        let size =
            switch orientation {
            case .landscape: FrameSize(width: long, height: shortSide)
            case .portrait: FrameSize(width: shortSide, height: long)
            case .square: FrameSize(width: shortSide, height: shortSide)
            }
        guard let size else { return nil }
        (self.size, self.frameRate, self.encoding) = (size, frameRate, encoding)
    }

    /// Small and quick: a sixth of the pixels, half the frames, the same edit.
    package static func preview(_ orientation: Channel.Orientation, encoding: VideoEncoding = VideoEncoding())
        -> CutFormat?
    {
        var encoding = encoding
        (encoding.preset, encoding.quality) = (.superfast, 26)
        return CutFormat(orientation, shortSide: 432, frameRate: 15, encoding: encoding)
    }

    /// The size in which a picture is drawn for it: a quarter larger, so that it can move without losing sharpness.
    package var pictureSize: (width: Int, height: Int) { (size.width * 5 / 4, size.height * 5 / 4) }

    /// Which of a channel's orientations it is.
    package var orientation: Channel.Orientation {
        size.width == size.height ? .square : size.width > size.height ? .landscape : .portrait
    }
}
