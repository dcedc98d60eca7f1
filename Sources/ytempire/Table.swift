/// A column, and what becomes of it where there is not room for all.
struct Column: ExpressibleByStringLiteral {
    enum Yielding {
        /// The last to give way.
        case last
        /// Narrowed early, losing its end; or the middle of a path, whose end tells more.
        case clipped, clippedInMiddle
        /// Left out before anything is narrowed much; the rightmost first.
        case dropped
    }

    let title: String
    let yielding: Yielding

    init(stringLiteral title: String) { (self.title, yielding) = (title, .last) }
    init(_ title: String, _ yielding: Yielding) { (self.title, self.yielding) = (title, yielding) }

    /// What is still of use, of so wide a column.
    fileprivate func comfortable(_ width: Int) -> Int {
        switch yielding {
        case .last, .dropped: width
        case .clipped: min(width, 12)
        case .clippedInMiddle: min(width, 24)
        }
    }
}

/// Rows and columns for a terminal, as wide as it is at most.
struct Table {
    private let columns: [Column]
    private var rows: [[String]] = []
    /// Said instead of an empty table.
    private let empty: String

    init(_ columns: Column..., empty: String) { (self.columns, self.empty) = (columns, empty) }

    /// Control characters, which come from titles and errors, would break the rows or steer the terminal.
    mutating func add(_ cells: String...) { rows.append(cells.map(oneLine)) }

    var text: String { text(width: Terminal.tableColumns) }

    func text(width: Int) -> String {
        guard !rows.isEmpty else { return empty + "\n" }
        let all = [columns.map(\.title)] + rows
        var widths = columns.indices.map { column in all.map { displayWidth($0[column]) }.max() ?? 0 }
        var shown = Array(columns.indices)
        func total(_ width: (Int) -> Int) -> Int { shown.map(width).reduce(2 * (shown.count - 1), +) }
        while total({ columns[$0].comfortable(widths[$0]) }) > width,
            let spare = shown.lastIndex(where: { columns[$0].yielding == .dropped })
        {
            shown.remove(at: spare)
        }
        let early = shown.filter { columns[$0].yielding == .clipped || columns[$0].yielding == .clippedInMiddle }
        for yielding in [early, shown] {
            while total({ widths[$0] }) > width,
                let widest = yielding.max(by: { (widths[$0], $0) < (widths[$1], $1) }), widths[widest] > 8
            {
                widths[widest] -= 1
            }
        }
        return all.map { row in
            let cells = shown.map { column in
                let cell = row[column]
                let isPath = columns[column].yielding == .clippedInMiddle && cell.contains("/")
                let text = (isPath ? clippedInMiddle : clipped)(cell, widths[column])
                return text + String(repeating: " ", count: max(0, widths[column] - displayWidth(text)))
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
