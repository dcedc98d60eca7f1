import CFFmpeg
import Foundation

/// A video at a glance: frames from all of it, in rows, in one picture.
public struct ContactSheet: Sendable {
    private let cut: Cut
    private let columns: Int
    private let rows: Int

    /// Of one frame's longer side on the sheet, in pixels.
    private static let cell = 480
    private static let gap = 8

    /// The frames of a video that need not have been rendered.
    ///
    /// - Parameters:
    ///   - columns: 1 to 12; nil: as many as make the sheet about as wide as a screen.
    ///   - rows: 1 to 24
    public init(_ cut: Cut, columns: Int? = nil, rows: Int = 5) {
        self.cut = cut
        self.columns = min(max(columns ?? (cut.size.isVertical ? 7 : 4), 1), 12)
        self.rows = min(max(rows, 1), 24)
    }

    /// The frames of a finished video.
    public init(ofVideo path: String, columns: Int? = nil, rows: Int = 5) async throws(MediaError) {
        let probe = try await MediaProbe.probe(path, depth: .headers)
        guard let video = probe.video, let size = FrameSize(width: video.width / 2 * 2, height: video.height / 2 * 2)
        else {
            throw MediaError(.damaged, "draw contact sheet", file: path, reason: "there is no picture in it")
        }
        let frames = Cut.frameCount(seconds: max(probe.duration, 0.1))
        self.init(
            try Cut(
                size: size,
                shots: [Shot(.clip(Clip(file: path, part: 0..<max(probe.duration, 0.1))), frames: 0..<frames)],
                hasProgressLine: false, sound: SoundTrack(narration: nil)), columns: columns, rows: rows)
    }

    /// The frames shown, from all parts of the video alike: the middle of each.
    var numbers: [Int] {
        let count = min(columns * rows, cut.frameCount)
        return (0..<count).map { (2 * $0 + 1) * cut.frameCount / (2 * count) }
    }

    /// Writes the sheet, whole or not at all: a JPEG where the path ends so, else a PNG.
    public func write(to path: String) async throws(MediaError) {
        try await blockingWork("contact sheet") { (flag: CancellationFlag) throws(MediaError) in
            let ending = path.split(separator: ".").last?.lowercased()
            let bytes = try encode(draw(flag: flag), as: ending == "jpg" || ending == "jpeg" ? "mjpeg" : "png")
            try wholeFile(path) { (part: String) throws(MediaError) in
                do {
                    try bytes.write(to: URL(filePath: part))
                } catch {
                    throw MediaError(.unwritable, "write contact sheet", file: path, reason: "\(error)")
                }
            }
        }
    }

    private func draw(flag: CancellationFlag) throws(MediaError) -> Frame {
        let numbers = numbers
        let scale = Double(Self.cell) / Double(max(cut.size.width, cut.size.height))
        func even(_ side: Int) -> Int { Int((Double(side) * scale / 2).rounded()) * 2 }
        let (width, height) = (even(cut.size.width), even(cut.size.height))
        let across = min(columns, numbers.count)
        let down = (numbers.count + across - 1) / across
        let sheet = try Frame(
            width: across * width + (across + 1) * Self.gap, height: down * height + (down + 1) * Self.gap,
            format: AV_PIX_FMT_YUV420P)
        PlainPicture(cut.palette.background).draw(
            at: ShotMoment(seconds: 0, progress: 0), into: sheet, with: Brush())
        let composer = try FrameComposer(cut, shelf: ShotShelf(cut, lanes: 1, flag: flag))
        for (place, number) in numbers.enumerated() {
            try flag.check("draw contact sheet")
            let small = try Scaler.scale(composer.frame(number), width: width, height: height)
            let left = Self.gap + place % across * (width + Self.gap)
            let top = Self.gap + place / across * (height + Self.gap)
            for index in 0..<3 {
                guard let source = small.plane(index), let target = sheet.plane(index) else { continue }
                let shift = index == 0 ? 0 : 1
                for line in 0..<source.height {
                    (target.samples + ((top >> shift) + line) * target.stride + (left >> shift)).update(
                        from: source.samples + line * source.stride, count: source.width)
                }
            }
        }
        try label(sheet, numbers, across: across, width: width, height: height)
        sheet.pointer.pointee.colorspace = AVCOL_SPC_BT709
        sheet.pointer.pointee.color_range = AVCOL_RANGE_MPEG
        return sheet
    }

    /// Writes into each frame's lower left corner when it is seen.
    private func label(_ sheet: Frame, _ numbers: [Int], across: Int, width: Int, height: Int) throws(MediaError) {
        guard let size = FrameSize(width: sheet.width, height: sheet.height) else { return }
        var script = AssScript(size, typeface: cut.typeface)
        for (place, number) in numbers.enumerated() {
            let left = Double(Self.gap + place % across * (width + Self.gap))
            let bottom = Double((place / across + 1) * (height + Self.gap))
            let seconds = number / cut.frameRate
            let time = "\(seconds / 60):" + (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60)"
            let box = Area(left: left, top: bottom - 26, width: 14 + 10.5 * Double(time.count), height: 26)
            script.addBox(box, layer: 0, tags: "\\1c&H000000&\\1a&H50&")
            script.add(
                "{\\an4\\pos(\(Int(left) + 8),\(Int(bottom) - 13))\\fs21\\b600\\bord0\\shad0\\1c&HFFFFFF&}\(time)",
                layer: 1)
        }
        let canvas = TextCanvas(size)
        try canvas.draw(script.text, with: AssRenderer(size))
        canvas.lay(over: sheet)
    }

    private func encode(_ sheet: Frame, as name: String) throws(MediaError) -> Data {
        let target: Scaler.Target =
            name == "png"
            ? Scaler.Target(format: AV_PIX_FMT_RGB24, matrix: AVCOL_SPC_RGB, range: AVCOL_RANGE_JPEG) : .jpeg
        let picture = try Scaler.scale(sheet, width: sheet.width, height: sheet.height, to: target)
        let encoder = try Encoder(name) { context in
            context.width = Int32(picture.width)
            context.height = Int32(picture.height)
            context.pix_fmt = picture.pixelFormat
            context.color_range = AVCOL_RANGE_JPEG
            context.time_base = AVRational(num: 1, den: 1)
            guard name == "mjpeg" else { return }
            context.colorspace = AVCOL_SPC_SMPTE170M
            context.flags |= AV_CODEC_FLAG_QSCALE
            context.global_quality = 3 * FF_QP2LAMBDA
        }
        picture.time = 0
        picture.pointer.pointee.quality = 3 * FF_QP2LAMBDA
        let packet = try Packet()
        try encoder.send(picture)
        try encoder.send(nil)
        guard try encoder.receive(into: packet), let data = packet.pointer.pointee.data else {
            throw MediaError(.failed, "encode contact sheet", reason: "no picture came out of the encoder")
        }
        return Data(bytes: data, count: Int(packet.pointer.pointee.size))
    }
}
