/// Rows and columns for a terminal: as wide as it is at most, the widest column giving way first.
struct Table {
    private let header: [String]
    private var rows: [[String]] = []
    /// Said instead of an empty table.
    private let empty: String

    init(_ header: String..., empty: String) { (self.header, self.empty) = (header, empty) }

    /// Control characters, which come from titles and errors, would break the rows or steer the terminal.
    mutating func add(_ cells: String...) { rows.append(cells.map(oneLine)) }

    var text: String { text(width: Terminal.columns) }

    func text(width: Int) -> String {
        guard !rows.isEmpty else { return empty + "\n" }
        let all = [header] + rows
        var widths = header.indices.map { column in all.map { displayWidth($0[column]) }.max() ?? 0 }
        while widths.reduce(0, +) + 2 * (widths.count - 1) > width, let widest = widths.max(), widest > 8,
            let column = widths.lastIndex(of: widest)
        {
            widths[column] -= 1
        }
        return all.map { row in
            let cells = zip(row, widths).enumerated().map { index, pair in
                let text = clipped(pair.0, to: pair.1)
                guard index < row.count - 1 else { return text }
                return text + String(repeating: " ", count: max(0, pair.1 - displayWidth(text)))
            }
            return cells.joined(separator: "  ").trimmingTrailingBlanks + "\n"
        }.joined()
    }
}

/// The text without line breaks and other control characters; white space becomes one blank.
func oneLine(_ text: String) -> String {
    let visible = text.unicodeScalars.map { scalar in
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: Character(" ")
        default: Character(scalar)
        }
    }
    return String(visible).split(separator: " ").joined(separator: " ")
}

/// Columns a text takes in a terminal: wide characters (East Asian, emoji) take two, control characters none.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { width, character in
        guard let scalar = character.unicodeScalars.first else { return width }
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: return width
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return width + 2
        default: return width + 1
        }
    }
}
