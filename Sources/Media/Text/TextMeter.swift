import CAss

/// Measures text by drawing it: with the fonts that are there, whatever its script.
struct TextMeter {
    let renderer: AssRenderer

    /// What each word takes up; words are told apart by their colour, which libass hands on unseen: word `n` has ``colour(_:)``.
    func boxes(_ script: AssScript) throws(MediaError) -> [Int: InkBox] {
        var boxes: [Int: InkBox] = [:]
        try renderer.draw(script.text) { image in
            guard image.pointee.type == IMAGE_TYPE_CHARACTER, let box = InkBox(inkOf: image.pointee) else { return }
            let number = Int(image.pointee.color >> 8)
            if boxes[number]?.join(box) == nil { boxes[number] = box }
        }
        return boxes
    }

    /// As an override.
    static func colour(_ number: Int) -> String {
        "\\1c" + AssText.override(Colour(UInt32(truncatingIfNeeded: number & 0xFFFFFF))) + "\\bord0\\shad0\\blur0"
    }
}
