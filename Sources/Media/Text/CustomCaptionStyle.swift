import Foundation

/// A caption style that somebody wrote in libass' language, read field by field: what is written out again is only numbers and
/// a font's name.
struct CustomCaptionStyle {
    private enum Kind {
        case font, colour, flag
        case number(ClosedRange<Double>)
        case choice(Set<Int>)
    }

    /// The fields of version 4+ after the name, with what a caption can sensibly have.
    private static let fields: [(name: String, kind: Kind)] = [
        ("Fontname", .font), ("Fontsize", .number(8...300)), ("PrimaryColour", .colour), ("SecondaryColour", .colour),
        ("OutlineColour", .colour), ("BackColour", .colour), ("Bold", .flag), ("Italic", .flag), ("Underline", .flag),
        ("StrikeOut", .flag), ("ScaleX", .number(10...400)), ("ScaleY", .number(10...400)),
        ("Spacing", .number(-20...60)), ("Angle", .number(-360...360)), ("BorderStyle", .choice([1, 3, 4])),
        ("Outline", .number(0...40)), ("Shadow", .number(0...40)), ("Alignment", .choice(Set(1...9))),
        ("MarginL", .number(0...900)), ("MarginR", .number(0...900)), ("MarginV", .number(0...900)),
        ("Encoding", .number(-1...255)),
    ]
    /// Those that are lengths on the screen.
    private static let lengths: Set<String> = [
        "Fontsize", "Spacing", "Outline", "Shadow", "MarginL", "MarginR", "MarginV",
    ]

    private let values: [String]

    /// Throws ``MediaError/Code-swift.enum/invalid``.
    init(_ text: String) throws(MediaError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard parts.count == Self.fields.count else {
            throw Self.error(
                "it has \(parts.count) fields separated by commas, not the \(Self.fields.count) from Fontname to Encoding"
            )
        }
        var values: [String] = []
        for (field, part) in zip(Self.fields, parts) {
            guard let value = Self.value(part, field.kind) else {
                throw Self.error("its \(field.name) is \(Self.wanted(field.kind)), not \"\(part.prefix(40))\"")
            }
            values.append(value)
        }
        self.values = values
    }

    private static func error(_ reason: String) -> MediaError {
        MediaError(.invalid, "read the caption style", reason: reason)
    }

    /// As it is written out; nil: it can't be used.
    private static func value(_ text: String, _ kind: Kind) -> String? {
        switch kind {
        case .font:
            let name = AssText.fontName(text)
            return name.isEmpty || name != text ? nil : name
        case .colour:
            let digits = text.uppercased().drop { $0 == "&" }.drop { $0 == "H" }.prefix { $0 != "&" }
            guard text.uppercased().hasPrefix("&H"), (1...8).contains(digits.count),
                digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                text.dropFirst(2 + digits.count).allSatisfy({ $0 == "&" })
            else { return nil }
            return "&H" + digits
        case .flag:
            return ["0", "1", "-1"].contains(text) ? text : nil
        case .number(let range):
            guard let number = Double(text), range.contains(number) else { return nil }
            return "\(number)"
        case .choice(let choices):
            guard let number = Int(text), choices.contains(number) else { return nil }
            return "\(number)"
        }
    }

    private static func wanted(_ kind: Kind) -> String {
        switch kind {
        case .font: "a font's family of letters, digits, spaces, - and _"
        case .colour: "a colour as &HAABBGGRR"
        case .flag: "0, 1 or -1"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): "one of \(choices.sorted().map(String.init).joined(separator: ", "))"
        }
    }

    private func text(_ name: String) -> String {
        Self.fields.firstIndex { $0.name == name }.map { values[$0] } ?? ""
    }

    private func number(_ name: String) -> Double { Double(text(name)) ?? 0 }

    var fontSize: Double { number("Fontsize") }
    var margins: Double { number("MarginL") + number("MarginR") }
    /// Share of a letter's usual width.
    var stretch: Double { number("ScaleX") / 100 }

    /// As an override, without its transparency.
    func colour(spoken: Bool) -> String {
        let digits = text(spoken ? "SecondaryColour" : "PrimaryColour").dropFirst(2)
        return "&H" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits.suffix(6) + "&"
    }

    /// The style's line in a script, for a frame with so many pixels where the style has one.
    func line(named name: String, unit: Double) -> String {
        let scaled = zip(Self.fields, values).map { field, value in
            if field.name == "Encoding" { return "-1" }
            guard Self.lengths.contains(field.name), let number = Double(value) else { return value }
            // Margins are whole numbers.
            let length = number * unit
            return field.name.hasPrefix("Margin") ? "\(Int(length.rounded()))" : "\((length * 100).rounded() / 100)"
        }
        return "Style: \(name),\(scaled.joined(separator: ","))"
    }
}
