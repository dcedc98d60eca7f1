import CFFmpeg

/// A picture from a file, decoded.
enum StillFile {
    /// Upright, however the camera was held.
    static func decode(
        _ path: String, limits: MediaLimits = MediaLimits(), flag: CancellationFlag
    ) throws(MediaError) -> Frame {
        let picture = try decodeAsStored(path, limits: limits, flag: flag)
        do {
            return try Orientation(picture).turn(picture)
        } catch {
            throw error.about(path)
        }
    }

    /// How the picture is to be turned. Decodes it: FFmpeg tells only then.
    static func orientation(
        of path: String, limits: MediaLimits, flag: CancellationFlag
    ) throws(MediaError) -> Orientation {
        Orientation(try decodeAsStored(path, limits: limits, flag: flag))
    }

    private static func decodeAsStored(
        _ path: String, limits: MediaLimits, flag: CancellationFlag
    ) throws(MediaError) -> Frame {
        // A picture is only ever a picture: no playlist or script that names other files.
        let file = try InputFile(path, formats: .pictures, looksInside: false, limits: limits, flag: flag)
        guard let stream = file.stream(AVMEDIA_TYPE_VIDEO) else {
            throw MediaError(.damaged, "decode picture", file: path, reason: "there is no picture in it")
        }
        let picture = try Frame()
        let found: Bool
        do {
            found = try FrameReader(file, stream, threads: 1).next(into: picture)
        } catch {
            guard error.code != .cancelled, error.code != .invalid, error.code != .unsupported else { throw error }
            throw MediaError(
                .damaged, "decode picture", file: path, status: error.status, reason: error.reason, log: error.log)
        }
        guard found, picture.width > 0, picture.height > 0 else {
            throw MediaError(
                .damaged, "decode picture", file: path, reason: "no picture came out of it",
                log: LogTranscript.current?.take() ?? [])
        }
        return picture
    }

    /// The middle of `picture` that has the shape `width`:`height`.
    static func crop(_ picture: Frame, toShape width: Double, _ height: Double) throws(MediaError) {
        let (ownWidth, ownHeight) = (Double(picture.width), Double(picture.height))
        let keptWidth = min(ownWidth, (ownHeight * width / height).rounded())
        let keptHeight = min(ownHeight, (ownWidth * height / width).rounded())
        let (left, top) = (Int(max(0, (ownWidth - keptWidth) / 2)), Int(max(0, (ownHeight - keptHeight) / 2)))
        try crop(picture, left: left, top: top, width: Int(keptWidth), height: Int(keptHeight))
    }

    /// Whole pixels around a part of `picture`. Answers which part that is, exactly.
    static func crop(_ picture: Frame, to part: Box) throws(MediaError) -> Box {
        let (width, height) = (Double(picture.width), Double(picture.height))
        // Even, so that samples of colour are not torn from their pixels.
        let left = max(0, Int(part.left * width + 1e-6) / 2 * 2)
        let top = max(0, Int(part.top * height + 1e-6) / 2 * 2)
        let right = min(picture.width, Int((part.right * width - 1e-6).rounded(.up)))
        let bottom = min(picture.height, Int((part.bottom * height - 1e-6).rounded(.up)))
        try crop(picture, left: left, top: top, width: max(1, right - left), height: max(1, bottom - top))
        return Box(
            left: Double(left) / width, top: Double(top) / height, width: Double(max(1, right - left)) / width,
            height: Double(max(1, bottom - top)) / height)
    }

    private static func crop(_ picture: Frame, left: Int, top: Int, width: Int, height: Int) throws(MediaError) {
        picture.pointer.pointee.crop_left = left
        picture.pointer.pointee.crop_right = max(0, picture.width - width - left)
        picture.pointer.pointee.crop_top = top
        picture.pointer.pointee.crop_bottom = max(0, picture.height - height - top)
        try check(av_frame_apply_cropping(picture.pointer, Int32(AV_FRAME_CROP_UNALIGNED)), "crop picture")
    }
}
