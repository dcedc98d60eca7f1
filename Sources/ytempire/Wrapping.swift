/// Lines of a terminal's width; a word that is wider, such as a path, stays whole.
///
/// - Parameter first: stands at the beginning of the first line; by default as many blanks as at the others'.
func wrapped(_ text: String, indent: Int, first: String? = nil, width: Int = Terminal.columns) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = first ?? margin
    var isEmpty = true
    for word in oneLine(text).split(separator: " ").map(String.init) {
        if !isEmpty, displayWidth(line) + 1 + displayWidth(word) > width {
            lines.append(line)
            (line, isEmpty) = (margin, true)
        }
        line += (isEmpty ? "" : " ") + word
        isEmpty = false
    }
    return lines + [line.trimmingTrailingBlanks]
}
