/// A URL's query, each value encoded (RFC 3986, 2.3: all but the unreserved characters), in the order in which it is given: the same
/// question is the same text.
struct QueryText {
    private(set) var text = ""

    init(_ values: KeyValuePairs<String, String?>) {
        for case (let name, let value?) in values { append(name, value) }
    }

    mutating func append(_ name: String, _ value: String) {
        text += (text.isEmpty ? "" : "&") + name + "=" + Self.encoded(value)
    }

    private static func encoded(_ value: String) -> String {
        var text = ""
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
