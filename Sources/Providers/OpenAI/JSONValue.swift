/// A JSON text whose shape is not known to a type of ours, such as a schema.
indirect enum JSONValue: Sendable, Equatable, Encodable {
    case string(String)
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case array([JSONValue])
    case object([String: JSONValue])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }
}
