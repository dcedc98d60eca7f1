/// Reads the elements of a one-dimensional array as Postgres writes it: `{1,NULL,"with \"quotes\""}`.
/// Source: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
struct ArrayTextParser {
    enum Element {
        case value([UInt8])
        case null
        case end
        case malformed
    }

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 1
    private var isFirst = true

    /// nil unless the text is in braces: arrays with bounds of their own (`[2:3]={…}`) are not read.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else {
            return nil
        }
        self.text = text
    }

    mutating func next() -> Element {
        let last = text.count - 1
        if isFirst {
            isFirst = false
            if last == 1 { return .end }
        } else {
            if position == last { return .end }
            guard text[position] == UInt8(ascii: ",") else { return .malformed }
            position += 1
        }
        guard position < last else { return .malformed }
        if text[position] == UInt8(ascii: "\"") { return quoted(until: last) }
        let start = position
        while position < last, text[position] != UInt8(ascii: ",") {
            guard text[position] != UInt8(ascii: "{") else { return .malformed }
            position += 1
        }
        let word = text[start..<position]
        return word.elementsEqual("NULL".utf8) ? .null : .value(Array(word))
    }

    private mutating func quoted(until last: Int) -> Element {
        var bytes: [UInt8] = []
        position += 1
        while position < last {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return .value(bytes)
            case UInt8(ascii: "\\"):
                position += 1
                bytes.append(text[position])
            case let byte:
                bytes.append(byte)
            }
            position += 1
        }
        return .malformed
    }
}
