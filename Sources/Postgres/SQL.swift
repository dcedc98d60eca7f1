/// A statement and its parameters, written as a string literal: `"SELECT * FROM job WHERE id = \(id)"`.
///
/// What is interpolated is bound (`$1`), never spliced into the text, so a value can't become SQL. The one exception
/// says so at the call site: `\(unescaped: …)`, for identifiers the program itself chose.
public struct SQL: Sendable, Hashable {
    /// With `$1`, `$2`, … in place of the parameters.
    public let text: String
    public let parameters: [PostgresValue]
    /// Where each `$n` stands in `text`, in UTF-8 bytes, so that a statement can be put into another exactly.
    private let marks: [Int]
}

extension SQL: CustomStringConvertible {
    /// The text alone: parameters may be secrets.
    public var description: String { text }
}

extension SQL: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {
        (text, parameters, marks) = (value, [], [])
    }
}

extension SQL: ExpressibleByStringInterpolation {
    public init(stringInterpolation interpolation: StringInterpolation) {
        text = interpolation.text
        parameters = interpolation.parameters
        marks = interpolation.marks
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var parameters: [PostgresValue] = []
        fileprivate var marks: [Int] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            parameters.reserveCapacity(interpolationCount)
            marks.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        public mutating func appendInterpolation(_ value: some PostgresEncodable) {
            bind(value.postgresValue)
        }

        /// NULL for nil. (An overload of its own, or the compiler warns of every optional as it does in plain strings.)
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            bind(value?.postgresValue ?? .null)
        }

        /// Another statement as a part of this one, with its parameters.
        public mutating func appendInterpolation(_ part: SQL) {
            let bytes = part.text.utf8
            var copied = bytes.startIndex
            for (number, mark) in part.marks.enumerated() {
                let dollar = bytes.index(bytes.startIndex, offsetBy: mark)
                text += part.text[copied..<dollar]
                bind(part.parameters[number])
                copied = bytes.index(dollar, offsetBy: "$\(number + 1)".utf8.count)
            }
            text += part.text[copied...]
        }

        /// Spliced in as it stands: only for text that no user can influence.
        public mutating func appendInterpolation(unescaped sql: String) {
            text += sql
        }

        private mutating func bind(_ value: PostgresValue) {
            parameters.append(value)
            marks.append(text.utf8.count)
            text += "$\(parameters.count)"
        }
    }
}
