/// A moment's text in libass' language. What moves is another script for each frame.
struct AssScript {
    let size: FrameSize
    /// Of all lines but those of a style of their own.
    let typeface: String
    /// Further styles, as their lines read.
    var styles: [String] = []
    private var events: [Event] = []

    private struct Event {
        let layer: Int
        let style: String
        let text: String
        /// Seconds.
        var start = 0.0
        var end = 32_400.0
    }

    init(_ size: FrameSize, typeface: String) { (self.size, self.typeface) = (size, typeface) }

    /// - Parameters:
    ///   - text: already in libass' language.
    ///   - layer: a higher one lies above.
    mutating func add(_ text: String, layer: Int = 0, style: String = "Base") {
        events.append(Event(layer: layer, style: style, text: text))
    }

    /// All of `other`, for a while: this script then has more than a moment.
    mutating func add(_ other: AssScript, from start: Double, to end: Double) {
        for style in other.styles where !styles.contains(style) { styles.append(style) }
        events += other.events.map { Event(layer: $0.layer, style: $0.style, text: $0.text, start: start, end: end) }
    }

    /// A filled rectangle, its corners rounded.
    mutating func addBox(_ box: Area, radius: Double = 0, layer: Int, tags: String) {
        func point(_ x: Double, _ y: Double) -> String { "\(AssText.number(x)) \(AssText.number(y))" }
        let (width, height) = (box.width, box.height)
        let radius = min(radius, width / 2, height / 2)
        // The control points of a quarter of a circle.
        let near = radius * 0.4477
        var path = "m \(point(radius, 0)) l \(point(width - radius, 0)) "
        if radius > 0 {
            path += "b \(point(width - near, 0)) \(point(width, near)) \(point(width, radius)) "
            path += "l \(point(width, height - radius)) "
            path += "b \(point(width, height - near)) \(point(width - near, height)) \(point(width - radius, height)) "
            path += "l \(point(radius, height)) "
            path += "b \(point(near, height)) \(point(0, height - near)) \(point(0, height - radius)) "
            path += "l \(point(0, radius)) b \(point(0, near)) \(point(near, 0)) \(point(radius, 0))"
        } else {
            path += "\(point(width, 0)) \(point(width, height)) \(point(0, height))"
        }
        add("{\\an7\\pos(\(point2(box.left, box.top)))\\bord0\\shad0\(tags)\\p1}\(path){\\p0}", layer: layer)
    }

    private func point2(_ x: Double, _ y: Double) -> String { "\(AssText.number(x)),\(AssText.number(y))" }

    private var lines: [String] {
        events.map {
            "Dialogue: \($0.layer),\(AssText.time($0.start)),\(AssText.time($0.end)),\($0.style),,0,0,0,,\($0.text)"
        }
    }

    var text: String {
        let base =
            "Style: Base,\(AssText.fontName(typeface)),40,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,"
            + "0,0,0,0,100,100,0,0,1,0,0,5,0,0,0,-1"
        return """
            [Script Info]
            ScriptType: v4.00+
            PlayResX: \(size.width)
            PlayResY: \(size.height)
            WrapStyle: 2
            ScaledBorderAndShadow: yes
            YCbCr Matrix: None

            [V4+ Styles]
            Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
            Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
            MarginR, MarginV, Encoding
            \(([base] + styles).joined(separator: "\n"))

            [Events]
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
            \(lines.joined(separator: "\n"))

            """
    }
}

/// A part of a frame, in pixels.
struct Area: Hashable {
    var left: Double
    var top: Double
    var width: Double
    var height: Double
}
