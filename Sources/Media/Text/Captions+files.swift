extension Captions {
    /// The pages as SubRip text.
    public var srt: String {
        var text = ""
        for (index, page) in pages.enumerated() {
            // An arrow inside a caption would read as another time line.
            let lines = page.text.map { $0.replacing("-->", with: "→") }.joined(separator: "\n")
            text +=
                "\(index + 1)\n\(Self.clock(page.start, ",")) --> \(Self.clock(page.end, ","))\n\(lines)\n\n"
        }
        return text
    }

    /// The pages as WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format"). No character of a caption is markup.
    public var webVTT: String {
        var text = "WEBVTT\n\n"
        for page in pages {
            let lines = page.text.map {
                // An arrow is gone with its escaped end.
                $0.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            }.joined(separator: "\n")
            text += "\(Self.clock(page.start, ".")) --> \(Self.clock(page.end, "."))\n\(lines)\n\n"
        }
        return text
    }

    /// `00:01:02,345`, with the mark between seconds and milliseconds that a format wants.
    private static func clock(_ seconds: Double, _ mark: String) -> String {
        let milliseconds = Int((max(0, seconds) * 1000).rounded())
        func padded(_ value: Int, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        return padded(milliseconds / 3_600_000, 2) + ":" + padded(milliseconds / 60_000 % 60, 2) + ":"
            + padded(milliseconds / 1000 % 60, 2) + mark + padded(milliseconds % 1000, 3)
    }
}
